-- The user of HAProxy's health check. It has no password and no right: it may log in, and
-- read the server's state. Run it once, on any node; it reaches the others by itself. Put the network
-- of the HAProxies in place of %.
CREATE USER IF NOT EXISTS check_node@'%' IDENTIFIED BY '' WITH MAX_USER_CONNECTIONS 20;
