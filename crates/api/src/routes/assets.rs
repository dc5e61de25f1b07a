//! `GET /assets/{file}`: the page's style, script and icon.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Path,
};

use crate::{
    assets,
    problem::{ApiError, Failure},
};

pub(crate) async fn asset(file: Path<String>) -> Result<HttpResponse, Failure> {
    let path = format!("/assets/{file}");
    let asset = assets::all().into_iter().find(|asset| asset.path == path);
    let asset = asset.ok_or(ApiError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.content))
}
