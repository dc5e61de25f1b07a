//! The wiring of the office: its threads, use cases and jobs.

use std::{io, num::NonZero, sync::Arc, thread, time::Duration};

use actix_web::{
    rt,
    web::{Data, ServiceConfig},
};
use registration_application::{
    desk::{
        Office,
        access::Door,
        checklist::{self, Checklist},
        exports::Exports,
        failures::{self, FailureCounter},
        imports::{self, Imports},
        jobs,
        operations::{self, Operations},
        password_hasher::PasswordHasher,
        sign_in::SignIn,
        staff::ManageStaff,
        students::DeskStudents,
        today::Today,
        tokens::Tokens,
    },
    rate_limit::RateLimits,
    threads::{Priority, Threads},
};

use registration_domain::{DeskStore, JournalKeeper, SearchProjector};

use crate::{
    clock,
    config::Config,
    features::{
        desk::{self, Desk},
        staff_api::{StaffApi, reference::Reference},
    },
    openapi,
    web::{
        client_address::TrustedProxies, desk_metrics::observe, door::Doorway,
        trace_links::TraceLinks,
    },
};

/// Threads of the office, and what may wait for one; further requests are answered 503.
const THREADS: usize = 8;
const QUEUED: usize = 32;
/// Threads of the office's jobs.
const JOB_THREADS: usize = 4;
/// Files that are exported beside each other: slow readers hold some of them up. None waits.
const EXPORT_THREADS: usize = 4;
/// Files that are planned or stored beside each other: each is in memory as a whole.
const IMPORT_THREADS: usize = 2;
/// How long a step of a job may take, or an export: a database with registrations of before is caught up with in one.
const JOB_TIMEOUT: Duration = Duration::from_secs(3600);

/// What the office works on.
#[derive(Clone)]
pub struct DeskStores {
    /// Everything that it reads and changes.
    pub store: Arc<dyn DeskStore>,
    /// Keeps the journal.
    pub keeper: Arc<dyn JournalKeeper>,
    /// Keeps the search index.
    pub projector: Arc<dyn SearchProjector>,
    /// How many transactions of the store read beside each other.
    pub readers: u32,
    /// Whether registrations wait for what the office writes.
    pub shares_writer: bool,
}

/// The office, wired.
#[derive(Clone)]
pub(crate) struct OfficeWiring {
    office: Office,
    stores: DeskStores,
    operations: Operations,
    imports: Imports,
    arrivals: jobs::Arrivals,
    job_threads: Arc<Threads>,
    failures: FailureCounter,
    doorway: Data<Doorway>,
    desk: Data<Desk>,
    api: Data<StaffApi>,
}

impl OfficeWiring {
    /// Wires the office and starts its threads.
    pub(crate) fn new(
        config: &Config,
        stores: DeskStores,
        limits: &Arc<RateLimits>,
        failures: FailureCounter,
    ) -> io::Result<Self> {
        let timeout = config.http.request_timeout;
        // What holds up registrations is done at once.
        let priority = if stores.shares_writer { Priority::Equal } else { Priority::Low };
        let start = |name, threads, queued, timeout, priority| {
            Threads::start(name, threads, queued, timeout, priority).map(Arc::new)
        };
        let threads = start("desk", THREADS, QUEUED, timeout, priority)?;
        let searches = search_threads(stores.readers);
        let search_threads = start("desk-search", searches, QUEUED, timeout, Priority::Low)?;
        let job_threads = start("desk-jobs", JOB_THREADS, JOB_THREADS, JOB_TIMEOUT, priority)?;
        let export_threads = start("desk-export", EXPORT_THREADS, 0, JOB_TIMEOUT, Priority::Low)?;
        let import_threads =
            Threads::start("desk-import", IMPORT_THREADS, QUEUED, JOB_TIMEOUT, priority)?;
        let office = Office { store: Arc::clone(&stores.store), threads, search_threads };
        let hasher = PasswordHasher::start()?;
        let students = Arc::new(DeskStudents::new(office.clone(), Arc::clone(&stores.keeper)));
        let operations = Operations::new(office.clone(), Arc::clone(&stores.keeper), observe);
        let arrivals = jobs::Arrivals::default();
        let imports = Imports::new(
            office.clone(),
            Arc::clone(&stores.keeper),
            import_threads,
            arrivals.clone(),
            (clock::now, || clock::random().ok()),
            observe,
        );
        let checklist = Arc::new(Checklist::new(office.clone(), observe));
        let exports = Arc::new(Exports::new(office.clone(), export_threads));
        let trusted_proxies = TrustedProxies(config.http.trusted_proxies);
        let body_timeout = config.http.client_timeout;
        let links = TraceLinks::new(&config.desk);
        let doorway = Data::new(Doorway {
            door: Door(office.clone()),
            limits: Arc::clone(limits),
            public_url: config.http.public_url.clone(),
            trusted_proxies,
            body_timeout,
            pages: desk::DOOR_PAGES,
        });
        let desk = Data::new(Desk {
            office: office.clone(),
            students: Arc::clone(&students),
            operations: operations.clone(),
            checklist: Arc::clone(&checklist),
            exports: Arc::clone(&exports),
            imports: imports.clone(),
            today: Today::new(office.clone()),
            staff: ManageStaff { office: office.clone(), hasher: Arc::clone(&hasher) },
            sign_in: SignIn::new(office.clone(), hasher),
            tokens: Tokens(office.clone()),
            doorway: doorway.clone(),
            body_timeout,
            settings: desk::Settings::of(config),
        });
        let reference = Reference::new(&openapi::document()).map_err(io::Error::other)?;
        let api = Data::new(StaffApi {
            office: office.clone(),
            students,
            operations: operations.clone(),
            checklist: Arc::clone(&checklist),
            exports,
            imports: imports.clone(),
            body_timeout,
            export_timeout: JOB_TIMEOUT,
            links,
            reference,
        });
        Ok(Self {
            office,
            stores,
            operations,
            imports,
            arrivals,
            job_threads,
            failures,
            doorway,
            desk,
            api,
        })
    }

    /// What the office's use cases run on.
    pub(crate) fn office(&self) -> Office {
        self.office.clone()
    }

    /// Gives the features of the office their part.
    pub(crate) fn provide(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.doorway.clone())
            .app_data(self.desk.clone())
            .app_data(self.api.clone());
    }

    /// Starts the office's background jobs.
    pub(crate) fn start_jobs(&self) -> [rt::task::JoinHandle<()>; 9] {
        let DeskStores { keeper, projector, .. } = self.stores.clone();
        let arrivals = self.arrivals.clone();
        [
            rt::spawn(jobs::keep_journal(
                keeper,
                Arc::clone(&self.job_threads),
                arrivals.clone(),
                clock::now,
                observe,
            )),
            rt::spawn(jobs::index_students(
                projector,
                Arc::clone(&self.job_threads),
                arrivals.clone(),
                observe,
            )),
            rt::spawn(operations::run_operations(
                self.operations.clone(),
                Arc::clone(&self.job_threads),
                arrivals.clone(),
                clock::now,
                || clock::random().ok(),
            )),
            rt::spawn(imports::run_imports(self.imports.clone())),
            rt::spawn(imports::delete_old_imports(self.imports.clone())),
            rt::spawn(checklist::fill_checklists(
                self.office.clone(),
                Arc::clone(&self.job_threads),
                arrivals,
                clock::now,
                observe,
            )),
            rt::spawn(failures::store_failures(
                self.office.clone(),
                self.failures.clone(),
                clock::now,
            )),
            rt::spawn(jobs::count_sessions(self.office.clone(), clock::now, observe)),
            rt::spawn(jobs::delete_old_requests(self.office.clone(), clock::now)),
        ]
    }
}

/// As many as half of the processors: registrations keep the others, the database's too where both run on
/// one machine. Fewer than connections: the office's other work keeps one.
fn search_threads(readers: u32) -> usize {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    (processors / 2).min(readers.saturating_sub(1) as usize).clamp(1, THREADS)
}
