//! The least that an actix-web service can do with a registration: parse its JSON and answer 201.
//! `make bench` sets the service beside it. Prints its address, then serves until it is ended.
#![expect(clippy::print_stdout, reason = "prints its address")]

use actix_web::{App, HttpResponse, HttpServer, web};

#[derive(serde::Deserialize, serde::Serialize)]
struct Registration {
    first_name: String,
    last_name: String,
    email: String,
}

async fn register(registration: web::Json<Registration>) -> HttpResponse {
    HttpResponse::Created().json(registration.into_inner())
}

fn main() -> std::io::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(|| App::new().route("/register", web::post().to(register)));
        let server = server.bind("127.0.0.1:0")?;
        for address in server.addrs() {
            println!("{address}");
        }
        server.run().await
    })
}
