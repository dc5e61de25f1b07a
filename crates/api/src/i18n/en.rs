//! English.

use registration_domain::PerField;

use super::{
    messages::{
        ConfirmationMessages, ErrorPageMessages, FieldMessages, FormMessages, Messages,
        ProblemMessages,
    },
    problem_text::ProblemText,
};

pub(super) static MESSAGES: Messages = Messages {
    site: "Student registration",
    description: "Register as a student with your name and email address.",
    choose_language: "Language",
    footer: "This site sets no cookies and loads nothing from other sites.",
    form: FormMessages {
        heading: "Register as a student",
        introduction: "Three short questions, about a minute. All three are required.",
        register: "Register",
        error_prefix: "Error: ",
        there_is_a_problem: "There is a problem",
        leave_empty: "Leave this field empty",
        used_again: "This form has already been used to register someone else. To register \
             another person, check the answers and press Register again.",
        reference: "Reference, if you ask for help:",
        sending: "Sending your registration…",
        unreachable: "We could not reach the registration service. What you typed is still here. \
             Please check your connection and try again.",
        offline: "You are offline. What you typed is still here, and will be sent when you are \
             back online.",
        retrying: "We will try again automatically in {seconds} seconds. You can also press \
             Register now.",
    },
    confirmation: ConfirmationMessages {
        message: "You are registered.",
        heading: "You are registered",
        thanks: "Thank you. Keep the registration number: write it down, or print this page.",
        number: "Registration number",
        since: "Registered on",
        another: "Register another student",
        months: [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    },
    error_page: ErrorPageMessages {
        error: "Error",
        reference: "Reference",
        give_reference: "Please give this reference if you ask the school for help.",
        back: "Back to the form",
    },
    fields: PerField {
        first_name: FieldMessages {
            label: "First name",
            hint: None,
            required: "Enter your first name",
            not_text: "First name must be text",
            too_long: "First name must be 100 characters or fewer",
            invalid: "First name must contain at least one letter and no invisible characters",
        },
        last_name: FieldMessages {
            label: "Last name",
            hint: Some("If you have only one name, enter it in both fields"),
            required: "Enter your last name. If you have only one name, enter it in both fields",
            not_text: "Last name must be text",
            too_long: "Last name must be 100 characters or fewer",
            invalid: "Last name must contain at least one letter and no invisible characters. If \
                 you have only one name, enter it in both fields",
        },
        email: FieldMessages {
            label: "Email address",
            hint: Some("For example, name@example.com"),
            required: "Enter your email address",
            not_text: "Email address must be text",
            too_long: "Email address must be 254 characters or fewer",
            invalid: "Enter an email address in the correct format, like name@example.com",
        },
    },
    already_registered: "This email address has already been used to register. If that was you, \
         you do not need to do anything else.",
    problems: ProblemMessages {
        malformed: "The request could not be read",
        not_whole: "The body was incomplete.",
        not_an_object: "The body must be a JSON object.",
        bad_json: "The body is not valid JSON in UTF-8, or contains a field twice.",
        bad_form: "The form is not valid UTF-8, or contains a field twice.",
        no_file: "The form contains no part named file.",
        bad_key: "An Idempotency-Key must be 1 to 255 visible ASCII characters and appear only \
             once.",
        bad_spans: "These are not the spans that the form sends.",
        token_in_url: "A token belongs in the Authorization header: an address is written to logs. \
             Revoke this token.",
        bad_request: ProblemText {
            title: "Bad request",
            detail: "The request is not one that can be served.",
        },
        not_found: ProblemText {
            title: "Page not found",
            detail: "There is nothing at this address. Check it, or start again from the form.",
        },
        method_not_allowed: ProblemText {
            title: "Method not allowed",
            detail: "This page cannot be opened like this. Please go back to the form. Programs: \
                 the Allow header lists the methods.",
        },
        not_acceptable: ProblemText {
            title: "No acceptable encoding",
            detail: "This page can be sent compressed with gzip, or uncompressed. The Accept-Encoding \
                 header of the request refuses both.",
        },
        request_timeout: ProblemText {
            title: "The request took too long to arrive",
            detail: "We did not receive the whole request in time. Check your connection and try \
                 again.",
        },
        uri_too_long: ProblemText {
            title: "The address is too long",
            detail: "Send a shorter address.",
        },
        head_too_large: ProblemText {
            title: "The request's header fields are too large",
            detail: "Send fewer or shorter header fields, cookies included.",
        },
        already_registered: ProblemText {
            title: "Already registered",
            detail: "This email address has already been used to register. If that was you, you \
                 do not need to do anything else.",
        },
        in_progress: ProblemText {
            title: "The registration is still under way",
            detail: "We are still working on this registration. Please try again shortly: you \
                 will not be registered twice.",
        },
        content_too_large: ProblemText {
            title: "The request is too large",
            detail: "It must be {kibibytes} KiB or smaller.",
        },
        unsupported_media_type: ProblemText {
            title: "Unsupported content type",
            detail: "Send application/json or application/x-www-form-urlencoded in UTF-8, \
                 uncompressed.",
        },
        invalid_fields: ProblemText {
            title: "The registration is not valid",
            detail: "Some fields need to be corrected.",
        },
        key_reused: ProblemText {
            title: "This key was used for another registration",
            detail: "This Idempotency-Key was already used with different answers. Use a new key \
                 for each registration.",
        },
        please_confirm: ProblemText {
            title: "Please send the form once more",
            detail: "Please check your answers and press Register again.",
        },
        rate_limited: ProblemText {
            title: "Too many attempts",
            detail: "Too many registrations have come from your connection in a short time.",
        },
        email_limited: "This email address has been tried too many times in a short time.",
        reads_limited: "Too many pages have been opened from your connection in a short time.",
        sign_ins_limited: "Too many attempts to sign in have come from your connection.",
        requests_limited: "Too many requests have come in a short time.",
        retry_in_seconds: "You can try again in {seconds} seconds.",
        retry_in_minutes: "You can try again in {minutes} minutes.",
        foreign_origin: ProblemText {
            title: "Request from another site",
            detail: "This address accepts requests from the pages of this site only.",
        },
        unauthenticated: ProblemText {
            title: "Sign in first",
            detail: "You are not signed in, or your session has ended.",
        },
        invalid_token: ProblemText {
            title: "The token is not valid",
            detail: "The token is unknown, has expired or was revoked. Ask for a new one.",
        },
        forbidden: ProblemText {
            title: "You may not do this",
            detail: "Your role does not allow this. An administrator can give you another.",
        },
        insufficient_scope: ProblemText {
            title: "The token may not do this",
            detail: "The token lacks the scope that this needs.",
        },
        fresh_sign_in_needed: ProblemText {
            title: "Sign in again",
            detail: "This cannot be undone. Sign in again, then repeat it within 15 minutes.",
        },
        wrong_password: ProblemText {
            title: "Address or password is not right",
            detail: "Check both and try again.",
        },
        insecure_connection: ProblemText {
            title: "This needs a secure connection",
            detail: "Open the address that begins with https://.",
        },
        link_expired: ProblemText {
            title: "This link does not work any more",
            detail: "It was used, replaced or has expired. Ask an administrator for a new one.",
        },
        erased: ProblemText {
            title: "This student was erased",
            detail: "The data was deleted for good. Only the time and who did it are kept.",
        },
        precondition_required: ProblemText {
            title: "The version is missing",
            detail: "Send If-Match with the version that you saw, as in \"7\".",
        },
        precondition_failed: ProblemText {
            title: "Someone has changed this since",
            detail: "Read it again, then repeat your change.",
        },
        illegal_transition: ProblemText {
            title: "The status cannot change like this",
            detail: "The current status does not lead there; the possible ones are listed.",
        },
        list_incomplete: ProblemText {
            title: "The search does not find everyone",
            detail: "Its word is too frequent, or the newest students cannot be found yet. Type more \
                     letters, or export without a search.",
        },
        too_many_rows: ProblemText {
            title: "Too many students for XLSX",
            detail: "A worksheet has room for 1,048,575. Choose CSV, or filter the list.",
        },
        file_not_written: ProblemText {
            title: "The file could not be written",
            detail: "The service may have no room for temporary files. CSV needs none.",
        },
        outbound_failed: ProblemText {
            title: "Another service did not answer",
            detail: "The service that this one calls cannot be reached, or has failed.",
        },
        http_version: ProblemText {
            title: "The connection uses HTTP/1.0",
            detail: "Over it a file that breaks off would look whole. Set the proxy before the service \
                     to HTTP/1.1.",
        },
        tasks_open: ProblemText {
            title: "Items of the checklist are open",
            detail: "A student is enrolled when nothing is missing. An administrator can enrol anyway.",
        },
        too_many_tasks: ProblemText {
            title: "The checklist is too long",
            detail: "It can have 50 items for everyone, those no longer used included, and 100 for one \
                     student.",
        },
        task_of_template: ProblemText {
            title: "This item is everyone’s",
            detail: "It cannot be deleted for one student. Mark it as not needed.",
        },
        too_many_students: ProblemText {
            title: "Too many at once",
            detail: "One operation concerns at most 10,000 students, and all that a search finds. Narrow the filter, or try again in a minute.",
        },
        changed_since: ProblemText {
            title: "It has changed since",
            detail: "Someone has changed what you want to undo. Nothing was undone.",
        },
        undo_expired: ProblemText {
            title: "Too old to be undone",
            detail: "Changes can be undone for 30 days.",
        },
        unreadable_file: ProblemText {
            title: "The file cannot be read",
            detail: "The members why, line and column say what is wrong and where. Save it as .xlsx, or as CSV in UTF-8.",
        },
        mapping: ProblemText {
            title: "The columns cannot be used",
            detail: "Each column may be chosen once, and one must be the email address or the id.",
        },
        wrong_import_state: ProblemText {
            title: "Not at this step",
            detail: "The import is at another step by now. Open it again.",
        },
        rows_left_out: ProblemText {
            title: "Not every row can be stored",
            detail: "All or nothing was chosen, and some rows would be left out. Nothing was stored.",
        },
        too_many_for_one: ProblemText {
            title: "Too many rows for all or nothing",
            detail: "All or nothing stores up to 1,000 rows. Store the good rows only, or split the file.",
        },
        unknown_field: ProblemText {
            title: "Unknown field",
            detail: "A field of the request does not exist. Nothing was changed.",
        },
        invalid_filter: ProblemText {
            title: "Invalid filter",
            detail: "A parameter of the list is unknown or has no such value.",
        },
        invalid_cursor: ProblemText {
            title: "The list has moved on",
            detail: "This page of the list is not there any more. Start again from the first.",
        },
        email_taken: ProblemText {
            title: "The address is taken",
            detail: "A person with this address exists.",
        },
        last_admin: ProblemText {
            title: "The last administrator stays",
            detail: "Make someone else an administrator first.",
        },
        too_busy: ProblemText {
            title: "The office’s pages are busy",
            detail: "Too much is asked at once. Try again in a moment: registrations are not affected.",
        },
        unavailable: ProblemText {
            title: "Registration is unavailable",
            detail: "Registration is not available right now. Please try again shortly: you will \
                 not be registered twice.",
        },
        not_ready: ProblemText {
            title: "The service is not ready",
            detail: "The service cannot take registrations now; the reasons are listed.",
        },
        desk_timeout: ProblemText {
            title: "This took too long",
            detail: "What was read was too much, or the database is slow. If you were changing something, \
                     look first whether it was stored.",
        },
        timeout: ProblemText {
            title: "Registration took too long",
            detail: "We cannot tell yet whether you were registered. Please try again: you will \
                 not be registered twice.",
        },
        unexpected: ProblemText {
            title: "Something went wrong",
            detail: "This is our mistake. Please try again later. If it keeps happening, give us \
                 the reference so that we can look into it.",
        },
    },
    desk: super::desk::en::MESSAGES,
};
