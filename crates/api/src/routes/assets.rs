//! `GET /assets/{version}/{file}`: the pages' style, scripts and icon.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Path,
};

use crate::{
    assets,
    problem::{ApiError, Failure},
};

pub(crate) async fn asset(path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (version, file) = path.into_inner();
    let asset = assets::ALL.iter().find(|asset| asset.name == file).ok_or(ApiError::NotFound)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, asset.content_type));
    // A page of another version, while the service is being updated, takes what there is.
    if version == assets::version() {
        response.insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"));
    }
    Ok(response.body(asset.content))
}
