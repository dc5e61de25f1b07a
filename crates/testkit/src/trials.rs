//! One test function, one trial a backend; what cannot run is ignored, and says why.

use libtest_mimic::Trial;

use crate::{Backend, DatabaseServer, GaleraCluster, PrometheusServer, TestDatabase};

/// A test of something that needs a database.
pub type DatabaseTest = fn(&TestDatabase);

/// Makes a trial of each function on each of these backends.
#[must_use]
pub fn backend_trials(backends: &[Backend], tests: &[(&str, DatabaseTest)]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for &backend in backends {
        for &(name, test) in tests {
            let run = move || {
                test(&TestDatabase::new(backend));
                Ok(())
            };
            let name = format!("{name}::{backend}");
            trials.push(ignored_if(backend.skip_reason(), name, run));
        }
    }
    trials
}

/// A trial that starts MariaDB servers of its own.
#[must_use]
pub fn mariadb_trial(name: &str, test: fn()) -> Trial {
    let missing = (!DatabaseServer::is_installed()).then_some("MariaDB's server is not installed");
    ignored_if(missing, name.to_owned(), move || {
        test();
        Ok(())
    })
}

/// A trial that starts a Galera cluster of its own.
#[must_use]
pub fn cluster_trial(name: &str, test: fn()) -> Trial {
    ignored_if(GaleraCluster::skip_reason(), name.to_owned(), move || {
        test();
        Ok(())
    })
}

/// A trial that needs Prometheus and its promtool.
#[must_use]
pub fn prometheus_trial(name: &str, test: fn()) -> Trial {
    let missing = (!PrometheusServer::is_installed()).then_some("Prometheus is not installed");
    ignored_if(missing, name.to_owned(), move || {
        test();
        Ok(())
    })
}

/// A trial that is ignored where there is a reason, which is printed.
#[must_use]
pub fn ignored_if(
    reason: Option<&str>,
    name: String,
    run: impl FnOnce() -> Result<(), libtest_mimic::Failed> + Send + 'static,
) -> Trial {
    if let Some(reason) = reason {
        eprintln!("SKIPPED {name}: {reason}");
    }
    Trial::test(name, run).with_ignored_flag(reason.is_some())
}

/// The trials of the named functions, each `fn(&TestDatabase)`, on these backends.
#[macro_export]
macro_rules! on_backends {
    ($backends:expr; $($test:ident),+ $(,)?) => {
        $crate::backend_trials(
            $backends,
            &[$((stringify!($test), $test as $crate::DatabaseTest)),+],
        )
    };
}

/// [`on_backends!`], on every backend.
#[macro_export]
macro_rules! on_every_backend {
    ($($tests:tt)+) => { $crate::on_backends!(&$crate::Backend::ALL; $($tests)+) };
}

/// [`on_backends!`], on MySQL alone.
#[macro_export]
macro_rules! on_mysql {
    ($($tests:tt)+) => { $crate::on_backends!(&[$crate::Backend::Mysql]; $($tests)+) };
}

/// [`on_backends!`], on SQLite alone.
#[macro_export]
macro_rules! on_sqlite {
    ($($tests:tt)+) => { $crate::on_backends!(&[$crate::Backend::Sqlite]; $($tests)+) };
}

/// The trials of the named functions, each `fn()`, which need no database but what they make.
#[macro_export]
macro_rules! trials {
    ($($test:ident),+ $(,)?) => {
        vec![$(libtest_mimic::Trial::test(stringify!($test), || { $test(); Ok(()) })),+]
    };
}
