//! `/api/imports`: students from files.

mod error_file;
mod import_json;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_DISPOSITION, HeaderValue, LOCATION, RETRY_AFTER},
    web::{Data, Path, Payload},
};
use registration_application::desk::{
    access::Caller,
    imports::{ImportView, NewImport},
};
use registration_domain::{
    Delimiter, ImportChoices, ImportRowQuery, ImportSettings, ImportState, OperationId, Permission,
    Reading, Verdict,
};
use serde_json::Value;

pub(crate) use self::import_json::{
    ImportChangeJson, ImportCountsJson, ImportJson, ImportRowJson, ImportRows, ImportSettingsJson,
    Imports, UnreadableJson,
};
use super::{
    StaffApi,
    body::{Members, invalid_at},
};
use crate::web::{
    door::SignedIn,
    form::Form,
    import_problems,
    locale::RequestLocale,
    path_id, paths,
    problem::Problem,
    request_context,
    roster_query::{invalid_cursor, invalid_filter},
    upload::Upload,
};

/// Imports that are listed, and rows of a page unless another number is given, and at most.
const LISTED: usize = 50;
const MAX_LIMIT: usize = 200;

/// Rows of the error file that are read at once.
const PAGE: usize = 1_000;

pub(crate) async fn list(feature: Data<StaffApi>) -> Result<HttpResponse, Problem> {
    let latest = feature.imports.latest_views(LISTED).await?;
    let items = latest.iter().map(ImportJson::new).collect();
    Ok(HttpResponse::Ok().json(Imports { items }))
}

/// 202: the rows are planned, unless someone has to say how the file is read.
#[tracing::instrument(name = "upload_import_handler", skip_all)]
pub(crate) async fn upload(
    request: HttpRequest,
    payload: Payload,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let _place = feature.imports.place()?;
    let upload = Upload::read(&request, payload, feature.body_timeout).await?;
    let (mut choices, mut update_existing) = (ImportChoices::default(), None);
    if !upload.get("options").is_empty() {
        let mut members = Members::parse(upload.get("options").as_bytes())?;
        update_existing = members.take_flag("update_existing")?;
        take_choices(&mut members, &mut choices)?;
        members.end()?;
    }
    let Upload { file_name, file, .. } = upload;
    let new = NewImport { file_name, file, update_existing, choices, is_confirmed: false };
    let uploaded = feature.imports.upload(new, caller.actor(), request_context::new()?).await?;
    let import = uploaded.map_err(Problem::unreadable_file)?;
    let location = locale.path(&paths::of(paths::API_IMPORT, import.id));
    let body = ImportJson::new(&find(&feature, import.id).await?);
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, location))
        .insert_header((RETRY_AFTER, 1))
        .json(body))
}

pub(crate) async fn get(
    id: Path<String>,
    feature: Data<StaffApi>,
) -> Result<HttpResponse, Problem> {
    Ok(answer(&find(&feature, path_id::parse(&id)?).await?))
}

/// Changes how the file is read and what is done with its rows: what is missing stays as it is.
#[tracing::instrument(name = "patch_import_handler", skip_all)]
pub(crate) async fn patch(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    feature: Data<StaffApi>,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let mut members = Members::read_patch(&request, payload, feature.body_timeout).await?;
    let settings = find(&feature, id).await?.import.settings;
    let settings = take_settings(&mut members, settings)?;
    members.end()?;
    let changed = feature.imports.change_settings(id, settings).await?;
    changed.map_err(import_problems::of_change)?;
    Ok(answer(&find(&feature, id).await?))
}

#[tracing::instrument(name = "run_import_handler", skip_all)]
pub(crate) async fn run(
    id: Path<String>,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let context = request_context::new()?;
    feature.imports.run(id, caller.actor(), context).await?.map_err(import_problems::of_change)?;
    let view = find(&feature, id).await?;
    match view.import.state {
        ImportState::Running => Ok(HttpResponse::Accepted()
            .insert_header((RETRY_AFTER, 1))
            .json(ImportJson::new(&view))),
        _ => Ok(answer(&view)),
    }
}

#[tracing::instrument(name = "cancel_import_handler", skip_all)]
pub(crate) async fn delete(
    id: Path<String>,
    feature: Data<StaffApi>,
) -> Result<HttpResponse, Problem> {
    let cancelled = feature.imports.cancel(path_id::parse(&id)?).await?;
    cancelled.map_err(import_problems::of_change)?;
    Ok(HttpResponse::NoContent().finish())
}

pub(crate) async fn rows(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let ImportView { import, .. } = find(&feature, id).await?;
    let query = row_query(&request)?;
    let limit = query.limit;
    let mut rows = feature.imports.rows(id, ImportRowQuery { limit: limit + 1, ..query }).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(|row| row.row.line.to_string());
    let shows_stored = may_see_stored(&caller);
    let items = rows.iter().map(|row| ImportRowJson::new(row, &import, shows_stored)).collect();
    Ok(HttpResponse::Ok().json(ImportRows { items, next }))
}

/// The rows that are left out, as a file that can be mended and uploaded.
#[tracing::instrument(name = "download_import_errors_handler", skip_all)]
pub(crate) async fn errors(
    id: Path<String>,
    feature: Data<StaffApi>,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let ImportView { import, .. } = find(&feature, id).await?;
    let _place = feature.imports.download_place()?;
    let mut file = error_file::ErrorFile::begin(&import.settings.columns, locale)?;
    let mut query = ImportRowQuery { is_left_out: true, limit: PAGE, ..Default::default() };
    loop {
        let rows = feature.imports.rows(id, query.clone()).await?;
        rows.iter().try_for_each(|row| file.add(row))?;
        match rows.last() {
            Some(last) if rows.len() == PAGE => query.after = last.row.line,
            _ => break,
        }
    }
    let disposition = HeaderValue::from_static("attachment; filename=\"not-imported.csv\"");
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((CONTENT_DISPOSITION, disposition))
        .body(file.end()?))
}

fn answer(view: &ImportView) -> HttpResponse {
    HttpResponse::Ok().json(ImportJson::new(view))
}

async fn find(feature: &StaffApi, id: OperationId) -> Result<ImportView, Problem> {
    feature.imports.find(id).await?.ok_or_else(Problem::not_found)
}

/// Whether a caller may see what is stored about the students of a file.
fn may_see_stored(caller: &Caller) -> bool {
    caller.may(Permission::StudentsRead)
}

fn row_query(request: &HttpRequest) -> Result<ImportRowQuery, Problem> {
    let form = Form::parse(request.query_string().as_bytes())?;
    let mut query = ImportRowQuery { limit: LISTED, ..ImportRowQuery::default() };
    for (name, value) in form.fields() {
        match name.as_str() {
            "lang" => {}
            "verdict" if value == "left_out" => query.is_left_out = true,
            "verdict" => {
                let verdict = Verdict::ALL.into_iter().find(|one| one.as_str() == value);
                query.verdict = Some(verdict.ok_or_else(|| invalid_filter("verdict"))?);
            }
            "cursor" => {
                query.after = value.parse().map_err(|_| invalid_cursor())?;
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                query.limit = limit.ok_or_else(|| invalid_filter("limit"))?;
            }
            _ => return Err(invalid_filter("unknown")),
        }
    }
    Ok(query)
}

fn take_flag(members: &mut Members, name: &'static str, flag: &mut bool) -> Result<(), Problem> {
    *flag = members.take_flag(name)?.unwrap_or(*flag);
    Ok(())
}

fn take_name(members: &mut Members, name: &'static str, value: &mut String) -> Result<(), Problem> {
    if let Some(text) = members.take_text(name)? {
        *value = text;
    }
    Ok(())
}

fn take_choices(members: &mut Members, choices: &mut ImportChoices) -> Result<(), Problem> {
    take_flag(members, "update_existing", &mut choices.update_existing)?;
    take_flag(members, "overwrite_changed", &mut choices.overwrite_changed)?;
    take_flag(members, "all_or_nothing", &mut choices.all_or_nothing)
}

fn take_settings(
    members: &mut Members,
    mut settings: ImportSettings,
) -> Result<ImportSettings, Problem> {
    take_choices(members, &mut settings.choices)?;
    match &mut settings.reading {
        Reading::Csv { encoding, delimiter, has_header } => {
            take_flag(members, "has_header", has_header)?;
            take_name(members, "encoding", encoding)?;
            if let Some(name) = members.take_text("delimiter")? {
                let found = Delimiter::ALL.into_iter().find(|one| one.as_str() == name);
                *delimiter = found.ok_or_else(|| members.invalid("delimiter", "unknown"))?;
            }
        }
        Reading::Xlsx { sheet, has_header } => {
            take_flag(members, "has_header", has_header)?;
            take_name(members, "sheet", sheet)?;
        }
    }
    if let Some(columns) = members.take("columns") {
        let columns = columns.as_array().ok_or_else(|| members.invalid("columns", "type"))?;
        let column = |(index, column): (usize, &Value)| match column {
            Value::Null => Ok(None),
            column => {
                let name = column.as_str().and_then(|name| name.parse().ok());
                let pointer = format!("/columns/{index}");
                name.map(Some).ok_or_else(|| invalid_at(&pointer, "unknown"))
            }
        };
        settings.columns = columns.iter().enumerate().map(column).collect::<Result<_, _>>()?;
    }
    Ok(settings)
}
