//! What each route that answers programs does: its name, its parameters, its bodies.

use crate::{routes::Verb, web::paths};

/// An operation.
pub(super) struct Operation {
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// Names of query parameters, and what they mean.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// The media types and the schema of the body.
    pub(super) request: Option<(&'static [&'static str], &'static str)>,
    /// The schema of a 200 or 201.
    pub(super) response: Option<&'static str>,
}

const JSON: &[&str] = &["application/json"];
const JSON_OR_FORM: &[&str] = &["application/json", "application/x-www-form-urlencoded"];
const MULTIPART: &[&str] = &["multipart/form-data"];
const PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

const LIST: &[(&str, &str)] = &[
    (
        "q",
        "What names, addresses and registration numbers begin with; accents and case do not matter.",
    ),
    ("status", "A status; may be repeated."),
    ("source", "form, api, desk or import; may be repeated."),
    ("task", "`any`, or the id of a template: lacks that item of the checklist."),
    ("registered_from", "A day or a time (RFC 3339): registered at or after it."),
    ("registered_to", "A day, which is included, or a time: registered before it."),
    ("sort", "-registered (the default), registered, name or -name."),
    ("limit", "Students on a page, 1 to 200; 50 unless given."),
    ("cursor", "Where the page begins: `next` of the page before, or a link's."),
    ("count", "`capped` counts the matches, up to 1,000."),
];
const EXPORT: &[(&str, &str)] = &[
    ("q", "As in the list; so are `status`, `source`, `task`, `registered_from`, `registered_to`."),
    ("sort", "As in the list; `registered` unless given."),
    ("column", "A column; one after another. Every one unless given."),
    ("columns", "`chosen`: every `column` is given, and none is a mistake."),
    ("style", "`machine` (the default): codes; `excel`: words and headings for people."),
    ("safe", "`false` leaves text as it is that a spreadsheet takes for a formula (CSV)."),
];
const PAGE: &[(&str, &str)] = &[
    ("limit", "Entries on a page, 1 to 200; 50 unless given."),
    ("cursor", "`next` of the page before."),
];
const ROWS: &[(&str, &str)] = &[
    ("verdict", "A verdict, or `left_out` for all rows that are left out."),
    ("limit", "Rows on a page, 1 to 200; 50 unless given."),
    ("cursor", "`next` of the page before."),
];
const TASKS: &[(&str, &str)] = &[
    ("state", "open, done or waived."),
    ("template", "The id of a template."),
    ("student", "The id of a student."),
    ("due_before", "A day: needed before it."),
    ("limit", "Items on a page, 1 to 200; 50 unless given."),
    ("cursor", "`next` of the page before."),
];
const JOURNAL: &[(&str, &str)] = &[
    ("subject", "The id of a student, a person or a token."),
    ("actor", "The id of a person of the office."),
    ("action", "An action, such as status_changed."),
    ("from", "A time (RFC 3339): at or after it."),
    ("to", "A time: before it."),
    ("limit", "Entries on a page, 1 to 200; 50 unless given."),
    ("cursor", "`next` of the page before."),
];

const fn read(id: &'static str, summary: &'static str, response: &'static str) -> Operation {
    Operation { id, summary, query: &[], request: None, response: Some(response) }
}

const fn write(
    id: &'static str,
    summary: &'static str,
    request: Option<(&'static [&'static str], &'static str)>,
    response: Option<&'static str>,
) -> Operation {
    Operation { id, summary, query: &[], request, response }
}

/// The operation of a route; `None` where it answers browsers alone.
pub(super) fn of(path: &str, verb: Verb) -> Option<Operation> {
    use Verb::{Delete, Get, Patch, Post, Put};
    Some(match (path, verb) {
        (paths::REGISTER, Post) => {
            let request = Some((JSON_OR_FORM, "Registration"));
            write("register", "Register an applicant once.", request, Some("Registered"))
        }
        (paths::STUDENT, Get) => read(
            "confirm_registration",
            "That a student is registered, and since when.",
            "Confirmation",
        ),
        (paths::HEALTH, Get) => {
            read("health", "What the service is, and whether it runs.", "Health")
        }
        (paths::LIVE, Get) => read("live", "Whether the process runs.", "Live"),
        (paths::READY, Get) => {
            read("ready", "Whether the service can take registrations.", "Ready")
        }
        (paths::VERSION, Get) => read("version", "Version and build.", "Version"),
        (paths::OPENAPI, Get) => read("openapi", "This description.", "Document"),
        (paths::API_ME, Get) => read("me", "Who asks, and what they may do.", "Me"),
        (paths::API_STUDENTS, Get) => Operation {
            query: LIST,
            ..read("list_students", "A page of the list of students.", "Students")
        },
        (paths::API_STUDENTS, Post) => {
            let request = Some((JSON, "NewStudent"));
            write("create_student", "Register someone for the office.", request, Some("Student"))
        }
        (paths::API_CSV, Get) => {
            Operation { query: EXPORT, ..write("export_csv", "The list as CSV.", None, None) }
        }
        (paths::API_XLSX, Get) => {
            Operation { query: EXPORT, ..write("export_xlsx", "The list as XLSX.", None, None) }
        }
        (paths::API_STUDENT, Get) => read("get_student", "A student.", "Student"),
        (paths::API_STUDENT, Put) => {
            let request = Some((JSON, "StudentValues"));
            write(
                "replace_student",
                "Replace the values of a student.",
                request,
                Some("ChangedStudent"),
            )
        }
        (paths::API_STUDENT, Patch) => {
            let request = Some((PATCH, "StudentPatch"));
            write(
                "patch_student",
                "Change values of a student (RFC 7396).",
                request,
                Some("ChangedStudent"),
            )
        }
        (paths::API_STUDENT, Delete) => {
            write("erase_student", "Erase a student, for good.", None, None)
        }
        (paths::API_TRANSITIONS, Post) => {
            let request = Some((JSON, "Transition"));
            write("change_status", "Decide on an application.", request, Some("ChangedStudent"))
        }
        (paths::API_OPERATIONS, Post) => {
            let request = Some((JSON, "NewOperation"));
            write(
                "begin_operation",
                "Decide on many applications at once; 202 while more than 500 are being changed.",
                request,
                Some("Operation"),
            )
        }
        (paths::API_PREVIEW, Post) => {
            let request = Some((JSON, "NewOperation"));
            write(
                "preview_operation",
                "What an operation would do. Changes nothing.",
                request,
                Some("Preview"),
            )
        }
        (paths::API_OPERATION, Get) => {
            read("get_operation", "An operation with its results.", "Operation")
        }
        (paths::API_UNDO, Post) => write(
            "undo_operation",
            "Undo an operation, within 30 days, for each student that has not changed since.",
            None,
            Some("Operation"),
        ),
        (paths::API_IMPORTS, Get) => {
            read("list_imports", "The latest imports, the newest first.", "Imports")
        }
        (paths::API_IMPORTS, Post) => {
            let request = Some((MULTIPART, "NewImport"));
            write(
                "upload_import",
                "Upload a file. Its rows are planned; nothing is stored yet.",
                request,
                Some("Import"),
            )
        }
        (paths::API_IMPORT, Get) => read("get_import", "An import with its counts.", "Import"),
        (paths::API_IMPORT, Patch) => {
            let request = Some((PATCH, "ImportPatch"));
            write(
                "patch_import",
                "Change how the file is read. Its rows are planned anew.",
                request,
                Some("Import"),
            )
        }
        (paths::API_IMPORT, Delete) => {
            write("cancel_import", "Give an import up. What is stored stays.", None, None)
        }
        (paths::API_IMPORT_ROWS, Get) => Operation {
            query: ROWS,
            ..read("import_rows", "The rows of an import with their plans.", "ImportRows")
        },
        (paths::API_IMPORT_RUN, Post) => write(
            "run_import",
            "Store the rows as they are planned; 202 while there are more.",
            None,
            Some("Import"),
        ),
        (paths::API_IMPORT_ERRORS, Get) => write(
            "import_errors",
            "The rows that are left out, as CSV that can be mended and uploaded.",
            None,
            None,
        ),
        (paths::API_STUDENT_TASKS, Get) => {
            read("student_tasks", "The checklist of a student, the oldest item first.", "Tasks")
        }
        (paths::API_STUDENT_TASKS, Post) => {
            let request = Some((JSON, "NewTask"));
            write("create_task", "Add an item for this student alone.", request, Some("Task"))
        }
        (paths::API_TASKS, Get) => Operation {
            query: TASKS,
            ..read("list_tasks", "Items of all checklists, the newest first.", "Tasks")
        },
        (paths::API_TASK, Get) => read("get_task", "An item.", "Task"),
        (paths::API_TASK, Put) => {
            let request = Some((JSON, "TaskValues"));
            write("replace_task", "Replace the values of an item.", request, Some("Task"))
        }
        (paths::API_TASK, Patch) => {
            let request = Some((PATCH, "TaskPatch"));
            write("patch_task", "Change values of an item (RFC 7396).", request, Some("Task"))
        }
        (paths::API_TASK, Delete) => write("delete_task", "Delete an item.", None, None),
        (paths::API_COMPLETE, Put) => {
            write("complete_task", "Complete an item; again without effect.", None, Some("Task"))
        }
        (paths::API_COMPLETE, Delete) => {
            write("reopen_task", "Open an item again.", None, Some("Task"))
        }
        (paths::API_TEMPLATES, Get) => read(
            "list_task_templates",
            "The items that every student gets with a place.",
            "TaskTemplates",
        ),
        (paths::API_TEMPLATES, Post) => {
            let request = Some((JSON, "NewTaskTemplate"));
            write(
                "create_task_template",
                "Add an item for every student with a place.",
                request,
                Some("TaskTemplate"),
            )
        }
        (paths::API_TEMPLATE, Get) => read("get_task_template", "A template.", "TaskTemplate"),
        (paths::API_TEMPLATE, Patch) => {
            let request = Some((PATCH, "TaskTemplatePatch"));
            write(
                "patch_task_template",
                "Change a template (RFC 7396).",
                request,
                Some("TaskTemplate"),
            )
        }
        (paths::API_HISTORY, Get) => Operation {
            query: PAGE,
            ..read("student_history", "What happened to a student, the newest first.", "Journal")
        },
        (paths::API_JOURNAL, Get) => Operation {
            query: JOURNAL,
            ..read("journal", "What happened, the newest first.", "Journal")
        },
        _ => return None,
    })
}
