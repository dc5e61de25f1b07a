//! Importing a file in four steps: the file, how it is read, what each row does, the result.

use actix_web::{
    HttpResponse,
    web::{Path, Payload},
};
use registration_application::desk::imports::{ChangeError, ImportView, NewImport};
use registration_domain::{
    Delimiter, ImportChoices, ImportColumn, ImportRowQuery, ImportSettings, ImportState,
    OperationId, Reading, SettingsError, Unreadable, Verdict, guess_columns,
};

use super::{
    pages::{Here, ImportPage, ImportsPage, Names, PlanPage, ReadingPage, paths as page_paths},
    request::DeskRequest,
};
use crate::{
    clock,
    web::{
        form::Form, import_problems, pages as web_pages, path_id, paths, problem::Problem,
        request_context, upload::Upload,
    },
};

/// Imports that are listed.
const LISTED: usize = 20;

/// Rows on a page.
const ROWS: usize = 100;

/// Step 1: the file, and the latest imports.
#[tracing::instrument(name = "view_imports_handler", skip_all)]
pub(crate) async fn page(request: DeskRequest) -> Result<HttpResponse, Problem> {
    request.page(&list(&request, None).await?)
}

#[tracing::instrument(name = "upload_import_handler", skip_all)]
pub(crate) async fn upload(
    request: DeskRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let imports = &request.desk.imports;
    let _place = imports.place()?;
    let upload = Upload::read(&request.http, payload, request.desk.body_timeout).await?;
    let Upload { file_name, file, .. } = upload;
    if file_name.is_empty() && file.is_empty() {
        let page = list(&request, Some(None)).await?;
        return Err(Problem::malformed(|m| m.no_file).with_page(&page));
    }
    let new = NewImport {
        file_name,
        file,
        update_existing: None,
        choices: ImportChoices::default(),
        is_confirmed: true,
    };
    let actor = request.caller.actor();
    match imports.upload(new, actor, request_context::new()?).await? {
        Ok(import) => Ok(to(&request, import.id)),
        Err(unreadable) => {
            let page = list(&request, Some(Some(unreadable))).await?;
            Err(Problem::unreadable_file(unreadable).with_page(&page))
        }
    }
}

/// The step at which an import is.
#[tracing::instrument(name = "view_import_handler", skip_all)]
pub(crate) async fn page_of(
    request: DeskRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = find(&request, path_id::parse(&id)?).await?;
    let form = Form::parse(request.http.query_string().as_bytes())?;
    match view.import.state {
        ImportState::NeedsMapping => {
            request.page(&reading_view(&request, view, &form, None).await?)
        }
        ImportState::Planned | ImportState::Failed if form.get("step") == "reading" => {
            request.page(&reading_view(&request, view, &form, None).await?)
        }
        ImportState::Planned => {
            let verdict = Verdict::ALL.into_iter().find(|one| one.as_str() == form.get("verdict"));
            let after = form.get("after").parse().unwrap_or(0);
            let query =
                ImportRowQuery { verdict, after, limit: ROWS + 1, ..ImportRowQuery::default() };
            let rows = request.desk.imports.rows(view.import.id, query).await?;
            let layout = request.layout(Here::Imports).await?;
            request.page(&PlanPage::new(layout, &view, verdict, rows, ROWS))
        }
        _ => {
            let may_undo = view.can_be_undone(&request.caller, clock::now());
            let layout = request.layout(Here::Imports).await?;
            request.page(&ImportPage::new(layout, &view, may_undo))
        }
    }
}

/// How the file is read, and what is done with its rows.
#[tracing::instrument(name = "change_import_handler", skip_all)]
pub(crate) async fn change(
    request: DeskRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let form = request.form(payload).await?;
    let view = find(&request, id).await?;
    let settings = ImportSettings {
        reading: reading(&view.import.settings.reading, &form),
        columns: form.all("column").map(|name| name.parse().ok()).collect(),
        choices: choices(&form),
    };
    match request.desk.imports.change_settings(id, settings).await? {
        Ok(import) => Ok(to(&request, import.id)),
        Err(ChangeError::Settings(error)) => {
            let page = reading_view(&request, view, &form, Some(error)).await?;
            Err(import_problems::of_change(ChangeError::Settings(error)).with_page(&page))
        }
        Err(error) => Err(import_problems::of_change(error)),
    }
}

#[tracing::instrument(name = "run_import_handler", skip_all)]
pub(crate) async fn run(request: DeskRequest, id: Path<String>) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let actor = request.caller.actor();
    let run = request.desk.imports.run(id, actor, request_context::new()?).await?;
    match run {
        // The button was pressed twice.
        Ok(_) | Err(ChangeError::WrongState(ImportState::Running | ImportState::Done)) => {
            Ok(to(&request, id))
        }
        Err(error) => Err(import_problems::of_change(error)),
    }
}

#[tracing::instrument(name = "cancel_import_handler", skip_all)]
pub(crate) async fn cancel(
    request: DeskRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    request.desk.imports.cancel(id).await?.map_err(import_problems::of_change)?;
    Ok(web_pages::see_other(&request.locale.href(paths::DESK_IMPORTS)))
}

fn to(request: &DeskRequest, id: OperationId) -> HttpResponse {
    web_pages::see_other(&request.locale.href(&page_paths::import(id)))
}

async fn find(request: &DeskRequest, id: OperationId) -> Result<ImportView, Problem> {
    request.desk.imports.find(id).await?.ok_or_else(Problem::not_found)
}

/// The list; with what is wrong with a file, where one was sent.
async fn list(
    request: &DeskRequest,
    refused: Option<Option<Unreadable>>,
) -> Result<ImportsPage, Problem> {
    let latest = request.desk.imports.latest(LISTED).await?;
    let staff = Names::new(&request.desk.staff.all().await?, &[]);
    let layout = request.layout(Here::Imports).await?;
    Ok(ImportsPage::new(layout, &latest, &staff, refused))
}

/// Step 2, with the settings of the import, or with those of a form that was sent or reads again.
async fn reading_view(
    request: &DeskRequest,
    view: ImportView,
    form: &Form,
    refused: Option<SettingsError>,
) -> Result<ReadingPage, Problem> {
    let reads_again = !form.get("again").is_empty();
    let mut settings = view.import.settings.clone();
    if reads_again || refused.is_some() {
        settings.reading = reading(&settings.reading, form);
        settings.choices = choices(form);
    }
    let inspected = request.desk.imports.inspect(view.import.id, settings.reading.clone()).await?;
    let inspected = inspected.ok_or_else(Problem::not_found)?;
    match &inspected {
        Ok(inspection) if reads_again => {
            settings.reading = inspection.reading.clone();
            settings.columns = guess_columns(inspection.header.as_ref(), &inspection.rows);
        }
        _ if refused.is_some() => {
            let column = |name: &str| name.parse::<ImportColumn>().ok();
            settings.columns = form.all("column").map(column).collect();
        }
        _ => {}
    }
    let layout = request.layout(Here::Imports).await?;
    Ok(ReadingPage::new(layout, &view.import, &settings, inspected.as_ref(), refused))
}

/// How a form says that the file is read.
fn reading(current: &Reading, form: &Form) -> Reading {
    let has_header = form.get("has_header") == "on";
    match current {
        Reading::Csv { encoding, delimiter, .. } => {
            let chosen = form.get("delimiter");
            let found = Delimiter::ALL.into_iter().find(|one| one.as_str() == chosen);
            let name = Some(form.get("encoding")).filter(|name| !name.is_empty());
            Reading::Csv {
                encoding: name.unwrap_or(encoding).to_owned(),
                delimiter: found.unwrap_or(*delimiter),
                has_header,
            }
        }
        Reading::Xlsx { sheet, .. } => {
            let name = Some(form.get("sheet")).filter(|name| !name.is_empty());
            Reading::Xlsx { sheet: name.unwrap_or(sheet).to_owned(), has_header }
        }
    }
}

fn choices(form: &Form) -> ImportChoices {
    let is_on = |name: &str| form.get(name) == "on";
    ImportChoices {
        update_existing: is_on("update_existing"),
        overwrite_changed: is_on("overwrite_changed"),
        all_or_nothing: is_on("all_or_nothing"),
    }
}
