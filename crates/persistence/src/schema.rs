//! The tables as Diesel sees them, equal on both backends.

diesel::table! {
    students (id) {
        id -> BigInt,
        public_id -> Binary,
        first_name -> Text,
        last_name -> Text,
        email -> Text,
        email_key -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (key_hash) {
        key_hash -> Binary,
        public_id -> Binary,
        created_at -> Timestamp,
        fingerprint -> Nullable<Binary>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(idempotency_keys, students);

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
        run_on -> Timestamp,
    }
}
