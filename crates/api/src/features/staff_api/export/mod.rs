//! `/api/students.csv` and `/api/students.xlsx`: the list as a file, which is sent while it is read.

mod request;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{CONTENT_DISPOSITION, HeaderValue},
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
use tokio::{
    runtime::Handle,
    sync::mpsc::{self, Receiver, Sender},
};
use tracing::Instrument as _;

use self::request::ExportRequest;
use super::StaffApi;
use crate::{
    clock, connection,
    web::{
        desk_metrics,
        door::SignedIn,
        export::{CsvFile, Failure, File, XlsxFile},
        locale::RequestLocale,
        problem::Problem,
        request_context, roster_query,
    },
};

/// Behind the last part.
const END: Bytes = Bytes::new();

/// Parts of a file that wait for their reader.
const WAITING: usize = 4;

#[tracing::instrument(name = "export_csv_handler", skip_all)]
pub(crate) async fn csv(
    request: HttpRequest,
    feature: Data<StaffApi>,
    caller: SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let ExportRequest { filter, sort, style } = ExportRequest::read(&request, locale)?;
    let query = ExportQuery { filter, sort, format: "csv" };
    let media = "text/csv; charset=utf-8; header=present";
    answer(&request, feature, caller, query, media, CsvFile::new(style)).await
}

#[tracing::instrument(name = "export_xlsx_handler", skip_all)]
pub(crate) async fn xlsx(
    request: HttpRequest,
    feature: Data<StaffApi>,
    caller: SignedIn,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let ExportRequest { filter, sort, style } = ExportRequest::read(&request, locale)?;
    let query = ExportQuery { filter, sort, format: "xlsx" };
    let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    answer(&request, feature, caller, query, media, XlsxFile::new(style)).await
}

/// 200 with the file, of which the first part is there.
async fn answer(
    request: &HttpRequest,
    feature: Data<StaffApi>,
    SignedIn(caller): SignedIn,
    query: ExportQuery,
    media: &'static str,
    file: impl File,
) -> Result<HttpResponse, Problem> {
    let format = query.format;
    let name = format!("students-{}.{format}", clock::now().format("%Y-%m-%d"));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let disposition = disposition.map_err(Problem::unexpected)?;
    let mut response = HttpResponse::Ok();
    response.content_type(media).insert_header((CONTENT_DISPOSITION, disposition));
    if *request.method() == Method::HEAD {
        // Without a length, as for GET.
        return Ok(response.streaming(stream::empty::<Result<Bytes, Failure>>()));
    }
    connection::allow(request, feature.export_timeout);
    let begun = feature.exports.begin(query, caller.actor(), request_context::new()?).await?;
    let begun = begun.map_err(|_| roster_query::incomplete())?;
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let write = async move {
        let (parts, failures) = (sender.clone(), sender);
        let end = match feature.exports.run(begun, write_to(parts, file)).await {
            Ok(Some(rows)) => {
                desk_metrics::exported(format, rows);
                Ok(END)
            }
            // It has said why.
            Ok(None) => return,
            Err(error) => Err(error.into()),
        };
        drop(failures.send(end).await);
    };
    rt::spawn(write.in_current_span());
    match receiver.recv().await {
        Some(Ok(first)) => Ok(response.streaming(rest(first, receiver))),
        Some(Err(failure)) => Err(problem(failure)),
        None => Err(problem(Failure::Unfinished)),
    }
}

/// Writes pages of students to the file, and what is ready to the channel. The end waits until the
/// connection has taken everything.
fn write_to(
    parts: Sender<Result<Bytes, Failure>>,
    mut file: impl File,
) -> impl FnMut(Option<Vec<ExportedStudent>>) -> Result<(), GivenUp> + Send + 'static {
    move |students| {
        let mut send = |part: Bytes| parts.blocking_send(Ok(part)).map_err(|_| Failure::Gone);
        if parts.is_closed() {
            return Err(GivenUp);
        }
        let written = file.write(students.as_deref(), &mut send);
        let taken = written.and_then(|()| match students {
            Some(_) => Ok(()),
            None => Handle::current()
                .block_on(parts.reserve_many(WAITING))
                .map(drop)
                .map_err(|_| Failure::Gone),
        });
        taken.map_err(|failure| {
            let _ = parts.blocking_send(Err(failure));
            GivenUp
        })
    }
}

/// The parts of the file up to the end. Where it does not come, the connection ends without the last chunk, so
/// that no reader takes the file for a whole one.
fn rest(
    first: Bytes,
    receiver: Receiver<Result<Bytes, Failure>>,
) -> impl stream::Stream<Item = Result<Bytes, Failure>> {
    stream::unfold((Some(first), receiver), |(first, mut receiver)| async move {
        let part = match first {
            Some(first) => Ok(first),
            None => receiver.recv().await.unwrap_or(Err(Failure::Unfinished)),
        };
        match &part {
            Ok(part) if part.is_empty() => return None,
            Ok(_) => {}
            Err(failure) => tracing::warn!(error = error_chain(failure), "Export broke off"),
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
        failure @ Failure::NotWritten(_) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Problem::new(status, "file_not_written", |m| m.file_not_written).caused_by(failure)
        }
        failure @ (Failure::Gone | Failure::Unfinished) => Problem::unexpected(failure),
    }
}
