//! `/api/students.csv` and `/api/students.xlsx`: the list as a file, which is sent while it is read.

mod csv_file;
mod file;
mod xlsx_file;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_ENCODING, HeaderValue},
    },
    rt,
    web::Data,
};
use bytes::Bytes;
use futures_util::stream;
use registration_application::{
    desk::exports::{ExportQuery, ExportedStudent, GivenUp},
    error_chain::error_chain,
};
use registration_domain::{RosterQuery, Sort};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tracing::Instrument as _;

use self::{
    csv_file::CsvFile,
    file::{Failure, File, Style},
    xlsx_file::XlsxFile,
};
use super::StaffApi;
use crate::{
    clock,
    web::{
        desk_metrics,
        door::SignedIn,
        export::Column,
        form::Form,
        locale::RequestLocale,
        problem::Problem,
        request_context,
        roster_query::{self, invalid_filter},
    },
};

/// Parts of a file that wait for their reader.
const WAITING: usize = 4;

#[tracing::instrument(name = "export_csv_handler", skip_all)]
pub(crate) async fn csv(
    request: HttpRequest,
    feature: Data<StaffApi>,
    caller: SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let (query, style) = read(&request, locale)?;
    let media = "text/csv; charset=utf-8; header=present";
    answer(&feature, caller, query, ("csv", media), CsvFile::new(style)).await
}

#[tracing::instrument(name = "export_xlsx_handler", skip_all)]
pub(crate) async fn xlsx(
    request: HttpRequest,
    feature: Data<StaffApi>,
    caller: SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let (query, style) = read(&request, locale)?;
    let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    answer(&feature, caller, query, ("xlsx", media), XlsxFile::new(style)).await
}

/// The students and the style that an address asks for.
fn read(request: &HttpRequest, locale: RequestLocale) -> Result<(RosterQuery, Style), Problem> {
    let form = Form::parse(request.query_string().as_bytes())?;
    let (mut columns, mut is_guarded, mut for_people, mut pairs) =
        (Vec::new(), true, false, vec![]);
    for pair @ (name, value) in form.fields().iter().filter(|(_, value)| !value.is_empty()) {
        match (name.as_str(), value.as_str()) {
            ("column", name) => {
                columns.push(name.parse().map_err(|()| invalid_filter("column"))?);
            }
            ("safe", "true") | ("style", "machine") => {}
            ("safe", "false") => is_guarded = false,
            ("style", "excel") => for_people = true,
            ("safe", _) => return Err(invalid_filter("safe")),
            ("style", _) => return Err(invalid_filter("style")),
            ("limit", _) => return Err(invalid_filter("limit")),
            ("cursor", _) => return Err(invalid_filter("cursor")),
            _ => pairs.push(pair),
        }
    }
    let (parameters, mut query) = roster_query::of_fields(pairs)?;
    if parameters.get("sort").is_empty() {
        query.sort = Sort::OldestFirst;
    }
    if columns.is_empty() {
        columns = Column::ALL.into();
    }
    let text = for_people.then(|| &locale.messages().desk);
    let delimiter = text.map_or(b',', |text| text.export.delimiter);
    Ok((query, Style { columns, text, is_guarded, delimiter }))
}

/// 200 with the file, of which the first part is there.
async fn answer(
    feature: &Data<StaffApi>,
    SignedIn(caller): SignedIn,
    roster: RosterQuery,
    (format, media): (&'static str, &'static str),
    file: impl File,
) -> Result<HttpResponse, Problem> {
    let query = ExportQuery { roster, format };
    let begun = feature.exports.begin(query, &caller, request_context::new()?).await?;
    let begun = begun.map_err(|_| roster_query::incomplete())?;
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let exports = feature.clone();
    let write = async move {
        let (parts, failures) = (sender.clone(), sender);
        let written = exports.exports.run(begun, write_to(parts, file)).await;
        match written {
            Ok(rows) => desk_metrics::exported(format, rows),
            Err(error) => drop(failures.send(Err(Failure::from(error))).await),
        }
    };
    rt::spawn(write.in_current_span());
    let first = match receiver.recv().await {
        Some(Ok(first)) => first,
        Some(Err(failure)) => return Err(problem(failure)),
        None => return Err(Problem::unexpected("the export ended without a file")),
    };
    let name = format!("students-{}.{format}", clock::now().format("%Y-%m-%d"));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let disposition = disposition.map_err(Problem::unexpected)?;
    // A file that is compressed on its way would be as late as its compression.
    Ok(HttpResponse::Ok()
        .content_type(media)
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .streaming(rest(first, receiver)))
}

/// Writes pages of students to the file, and what is ready to the channel.
fn write_to(
    parts: Sender<Result<Bytes, Failure>>,
    mut file: impl File,
) -> impl FnMut(Option<Vec<ExportedStudent>>) -> Result<(), GivenUp> + Send + 'static {
    move |students| {
        let mut send = |part: Bytes| parts.blocking_send(Ok(part)).map_err(|_| Failure::Gone);
        file.write(students.as_deref(), &mut send).map_err(|failure| {
            let _ = parts.blocking_send(Err(failure));
            GivenUp
        })
    }
}

/// The parts of the file. Where one is missing the connection ends without the last chunk, so that no
/// reader takes the file for a whole one.
fn rest(
    first: Bytes,
    receiver: Receiver<Result<Bytes, Failure>>,
) -> impl stream::Stream<Item = Result<Bytes, Failure>> {
    stream::unfold((Some(first), receiver), |(first, mut receiver)| async move {
        let part = match first {
            Some(first) => Ok(first),
            None => receiver.recv().await?,
        };
        if let Err(failure) = &part {
            tracing::warn!(error = error_chain(failure), "Export broke off");
        }
        Some((part, (None, receiver)))
    })
}

fn problem(failure: Failure) -> Problem {
    match failure {
        Failure::Desk(error) => error.into(),
        Failure::TooManyRows => {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_rows", |m| m.too_many_rows)
        }
        failure @ (Failure::NotWritten(_) | Failure::Gone) => Problem::unexpected(failure),
    }
}
