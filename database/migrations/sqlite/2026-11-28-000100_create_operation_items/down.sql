DROP TABLE operation_items;
