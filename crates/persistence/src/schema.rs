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
        status -> SmallInt,
        version -> Integer,
        source -> SmallInt,
        trace_id -> Nullable<Binary>,
        updated_at -> Nullable<Timestamp>,
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

diesel::table! {
    student_search (student_id) {
        student_id -> BigInt,
        sort_key -> Text,
        status -> SmallInt,
        words -> Text,
    }
}

diesel::table! {
    student_words (word, student_id) {
        word -> Text,
        student_id -> BigInt,
    }
}

diesel::table! {
    student_revisions (student_id, version) {
        student_id -> BigInt,
        version -> Integer,
        first_name -> Text,
        last_name -> Text,
        email -> Text,
        replaced_at -> Timestamp,
    }
}

diesel::table! {
    student_salts (student_id) {
        student_id -> BigInt,
        salt -> Binary,
    }
}

diesel::table! {
    student_notes (id) {
        id -> BigInt,
        student_id -> BigInt,
        author -> Nullable<Binary>,
        text -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    staff (id) {
        id -> BigInt,
        public_id -> Binary,
        email -> Text,
        email_key -> Text,
        name -> Text,
        role -> SmallInt,
        password -> Nullable<Text>,
        shortcuts -> Bool,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}

diesel::table! {
    staff_links (hash) {
        hash -> Binary,
        staff_id -> Binary,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    sessions (id_hash) {
        id_hash -> Binary,
        staff_id -> Binary,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        label -> Text,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> BigInt,
        public_id -> Binary,
        name -> Text,
        visible -> Text,
        secret_hash -> Binary,
        scopes -> Text,
        staff_id -> Binary,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    api_requests (owner, key_hash) {
        owner -> Binary,
        key_hash -> Binary,
        fingerprint -> Binary,
        student_id -> Binary,
        version -> Integer,
        body -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    journal (id) {
        id -> BigInt,
        at -> Timestamp,
        actor_kind -> SmallInt,
        actor -> Nullable<Binary>,
        action -> Text,
        subject -> Nullable<Binary>,
        members -> Integer,
        ids -> Nullable<Binary>,
        detail -> Nullable<Text>,
        before_hash -> Nullable<Binary>,
        after_hash -> Nullable<Binary>,
        trace_id -> Nullable<Binary>,
        operation -> Nullable<Binary>,
    }
}

diesel::table! {
    journal_seals (journal_id) {
        journal_id -> BigInt,
        seq -> BigInt,
    }
}

diesel::table! {
    seals (seq) {
        seq -> BigInt,
        prev -> Binary,
        rows_hash -> Binary,
        row_count -> Integer,
        at -> Timestamp,
        hash -> Binary,
    }
}

diesel::table! {
    consumers (name) {
        name -> Text,
        position -> BigInt,
        seq -> BigInt,
        journal_id -> BigInt,
        at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    operations (id) {
        id -> Binary,
        actor_kind -> SmallInt,
        actor -> Nullable<Binary>,
        status -> Nullable<SmallInt>,
        reason_code -> Nullable<Text>,
        note -> Nullable<Text>,
        undoes -> Nullable<Binary>,
        at -> Timestamp,
        trace_id -> Nullable<Binary>,
        finished_at -> Nullable<Timestamp>,
        template -> Nullable<Binary>,
    }
}

diesel::table! {
    operation_items (operation, student_id) {
        operation -> Binary,
        student_id -> BigInt,
        version -> Integer,
        outcome -> Nullable<SmallInt>,
    }
}

diesel::table! {
    task_templates (id) {
        id -> BigInt,
        public_id -> Binary,
        title -> Text,
        position -> SmallInt,
        is_active -> Bool,
        changed_at -> Timestamp,
        version -> Integer,
        checked_at -> Nullable<Timestamp>,
        filled_to -> Nullable<BigInt>,
    }
}

diesel::table! {
    tasks (id) {
        id -> BigInt,
        public_id -> Binary,
        student_id -> BigInt,
        template_id -> Nullable<BigInt>,
        title -> Nullable<Text>,
        state -> SmallInt,
        due_on -> Nullable<Date>,
        created_at -> Timestamp,
        completed_at -> Nullable<Timestamp>,
        completed_by -> Nullable<Binary>,
        version -> Integer,
    }
}

diesel::table! {
    validation_failures (hour, field, code) {
        hour -> Timestamp,
        field -> Text,
        code -> Text,
        count -> BigInt,
    }
}

diesel::table! {
    imports (id) {
        id -> Binary,
        actor_kind -> SmallInt,
        actor -> Nullable<Binary>,
        file_name -> Text,
        sha256 -> Binary,
        settings -> Text,
        revision -> Integer,
        state -> SmallInt,
        problem -> Nullable<Text>,
        stored_line -> Integer,
        created -> Integer,
        updated -> Integer,
        at -> Timestamp,
        trace_id -> Nullable<Binary>,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    import_parts (import, part) {
        import -> Binary,
        part -> Integer,
        bytes -> Binary,
    }
}

diesel::table! {
    import_rows (import, line) {
        import -> Binary,
        line -> Integer,
        cells -> Text,
        verdict -> SmallInt,
        student_id -> Nullable<BigInt>,
        version -> Nullable<Integer>,
        email_key -> Nullable<Text>,
        same_as -> Nullable<Integer>,
        detail -> Nullable<Text>,
        outcome -> Nullable<SmallInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    idempotency_keys,
    student_search,
    student_words,
    students,
    tasks,
);
diesel::allow_tables_to_appear_in_same_query!(api_tokens, sessions, staff);
diesel::allow_tables_to_appear_in_same_query!(import_rows, students);
diesel::allow_tables_to_appear_in_same_query!(journal, journal_seals);

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
        run_on -> Timestamp,
    }
}
