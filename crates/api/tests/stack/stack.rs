//! The programs, wired to each other as `infra/compose.yaml` does it.

use std::{
    io::Write as _,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use registration_testkit::{
    DatabaseServer, Service, TestDatabase, free_address, killed_with_parent,
    telemetry::OtlpReceiver, wait_until,
};
use tempfile::TempDir;

use crate::{
    configuration, files,
    program::{Program, START_TIMEOUT},
    prometheus::is_ready,
};

/// Everything, on free ports of 127.0.0.1.
pub(crate) struct Stack {
    pub(crate) service: Option<Service>,
    pub(crate) prometheus: Program,
    pub(crate) alertmanager: Program,
    collector: Program,
    _exporter: Program,
    /// What the collector sends on.
    pub(crate) receiver: OtlpReceiver,
    database: TestDatabase,
    server: DatabaseServer,
    address: String,
    admin_address: String,
    _folder: TempDir,
}

impl Stack {
    pub(crate) fn start() -> Self {
        let server = DatabaseServer::start_with(Some(&files::infra("mariadb/registration.cnf")));
        let database = TestDatabase::on(&server);
        let folder = tempfile::Builder::new().prefix("registration-stack-").tempdir().unwrap();
        let receiver = OtlpReceiver::start();
        let exporter = exporter(&server, folder.path());
        let collector = collector(&receiver, folder.path());
        let alertmanager = alertmanager(folder.path());
        let (address, admin_address) = (free_address(), free_address());
        let service = serve(&database, &address, &admin_address, &collector, "");
        // When everything is there: what it does not find is an alert.
        let prometheus = prometheus(
            folder.path(),
            &[("student-registration", &admin_address), ("mariadb", exporter.address())],
            alertmanager.address(),
        );
        Self {
            service: Some(service),
            prometheus,
            alertmanager,
            collector,
            _exporter: exporter,
            receiver,
            database,
            server,
            address,
            admin_address,
            _folder: folder,
        }
    }

    /// Starts the service anew, with these faults.
    pub(crate) fn serve(&mut self, faults: &str) {
        // First of all, or its ports would be taken.
        self.service = None;
        let (address, admin_address) = (&self.address, &self.admin_address);
        let service = serve(&self.database, address, admin_address, &self.collector, faults);
        self.service = Some(service);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops what compose calls `name`.
    pub(crate) fn stop(&mut self, name: &str) {
        match name {
            "api" => self.service = None,
            "mariadb" => self.server.kill(),
            "otel-collector" => self.collector.kill(),
            other => panic!("{other} does not run here"),
        }
    }

    pub(crate) fn start_again(&mut self, name: &str) {
        match name {
            "api" => self.serve(""),
            "mariadb" => self.server.restart(),
            "otel-collector" => self.collector.restart(),
            _ => {}
        }
    }

    /// Freezes the database.
    pub(crate) fn freeze(&self) {
        self.server.freeze();
    }

    pub(crate) fn thaw(&self) {
        self.server.thaw();
    }

    /// Sets a global variable of the database, and starts the service anew, which looks at once.
    pub(crate) fn set(&mut self, setting: &str) {
        self.database.execute(&format!("SET GLOBAL {setting}"));
        self.serve("");
    }

    /// Locks a table until the result is dropped.
    pub(crate) fn lock(&self, table: &str) -> Locked {
        Locked::new(&self.server.address(), self.database.name(), table)
    }
}

/// A session that keeps a table locked.
pub(crate) struct Locked {
    client: Child,
    /// The session lasts as long as this is open.
    input: Option<ChildStdin>,
}

impl Locked {
    fn new(address: &str, database: &str, table: &str) -> Self {
        let (host, port) = address.split_once(':').unwrap();
        let mut client = Command::new("mariadb")
            .args([
                "--no-defaults",
                "--protocol=tcp",
                "--user=root",
                "-h",
                host,
                "-P",
                port,
                database,
            ])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = client.stdin.take().unwrap();
        writeln!(input, "LOCK TABLES {table} WRITE;").unwrap();
        Self { client, input: Some(input) }
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.client.wait();
    }
}

fn serve(
    database: &TestDatabase,
    address: &str,
    admin_address: &str,
    collector: &Program,
    faults: &str,
) -> Service {
    Service::builder(env!("CARGO_BIN_EXE_student-registration"), database.url())
        .env("LISTEN_ADDR", address)
        .env("ADMIN_LISTEN_ADDR", admin_address)
        .env("MINIMUM_FILL_TIME", "0")
        .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=development")
        .env("FAULTS", faults)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{}", collector.address()))
        .env("OTEL_BSP_SCHEDULE_DELAY", "200")
        .env("OTEL_BLRP_SCHEDULE_DELAY", "200")
        .start()
}

fn exporter(server: &DatabaseServer, folder: &Path) -> Program {
    let address = free_address();
    let name = "prometheus-mysqld-exporter";
    let mut command = killed_with_parent(name);
    command
        .arg(format!("--web.listen-address={address}"))
        .env("DATA_SOURCE_NAME", format!("root@({})/", server.address()));
    Program::run(name, command, &address, folder)
}

/// Any collector that speaks OTLP will do: this one is a Python package.
fn collector(receiver: &OtlpReceiver, folder: &Path) -> Program {
    let (http, grpc) = (free_address(), free_address());
    let arguments = [
        "start".to_owned(),
        format!("--otlp-http-endpoint={http}"),
        format!("--otlp-grpc-endpoint={grpc}"),
        "--exporter=otlp".to_owned(),
        format!("--otlp-exporter-endpoint={}", receiver.http_endpoint()),
        "--otlp-exporter-protocol=http".to_owned(),
        "--batch-timeout=100ms".to_owned(),
    ];
    Program::start("rotel-agent", &arguments, &http, folder)
}

fn alertmanager(folder: &Path) -> Program {
    let address = free_address();
    let arguments = [
        format!("--config.file={}", files::infra("alertmanager/alertmanager.yml").display()),
        format!("--storage.path={}", folder.join("alertmanager").display()),
        format!("--web.listen-address={address}"),
        "--cluster.listen-address=".to_owned(),
    ];
    Program::start("prometheus-alertmanager", &arguments, &address, folder)
}

fn prometheus(folder: &Path, jobs: &[(&str, &str)], alertmanager: &str) -> Program {
    let address = free_address();
    let mut jobs = jobs.to_vec();
    jobs.extend([("prometheus", &*address), ("alertmanager", alertmanager)]);
    configuration::write(folder, &jobs, alertmanager);
    let arguments = [
        format!("--config.file={}", folder.join("prometheus.yml").display()),
        format!("--storage.tsdb.path={}", folder.join("data").display()),
        format!("--web.listen-address={address}"),
        "--enable-feature=exemplar-storage".to_owned(),
        // Alerts are sent on at once, and given up soon when they are not sent any more.
        "--rules.alert.resend-delay=1s".to_owned(),
    ];
    let prometheus = Program::start("prometheus", &arguments, &address, folder);
    assert!(
        wait_until(START_TIMEOUT, || is_ready(&prometheus)),
        "Prometheus does not become ready"
    );
    prometheus
}
