//! The nemesis: what goes wrong while clients register, one fault at a time, each healed again.
//!
//! Clocks are not stepped: one process's clock cannot be, and whatever depends on time takes it as an argument,
//! with tests of its own for steps.
//!
//! To add a fault, add a variant of [`Fault`], its entry in [`Fault::ALL`] and its arm in
//! [`Nemesis::strike`].

use std::time::Duration;

use registration_testkit::{
    DatabaseServer, Service, ServiceBuilder, WireMode, WireProxy, wait_until,
};

use super::{random::Random, run::Run};

/// Bounds of a freeze, of an outage, and of the pause between two faults.
const MAX_FREEZE: Duration = Duration::from_millis(700);
/// Longer than `DATABASE_STATEMENT_TIMEOUT`: connections are written off, and what was sent on them is
/// executed afterwards.
const LONG_FREEZE: Duration = Duration::from_millis(2_600);
const MAX_OUTAGE: Duration = Duration::from_millis(250);
const MAX_PAUSE: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug)]
enum Fault {
    KillService,
    FreezeService,
    KillServer,
    FreezeServer,
    FreezeServerForLong,
    /// What the service sent before its end, the server executes after it.
    KillServiceOfFrozenServer,
    CutConnections,
    /// The wire to the server, at a `COMMIT` or its answer.
    CutWire(WireMode),
}

impl Fault {
    const ALL: [Self; 10] = [
        Self::KillService,
        Self::FreezeService,
        Self::KillServer,
        Self::FreezeServer,
        Self::FreezeServerForLong,
        Self::KillServiceOfFrozenServer,
        Self::CutConnections,
        Self::CutWire(WireMode::CutBefore),
        Self::CutWire(WireMode::CutAfter),
        Self::CutWire(WireMode::CutWithin),
    ];
}

pub(super) struct Nemesis<'a> {
    run: &'a Run,
    server: &'a mut DatabaseServer,
    wire: &'a WireProxy,
    builder: &'a dyn Fn() -> ServiceBuilder,
    services: Vec<Service>,
    random: Random,
    /// What it did, for the report of a violation.
    log: Vec<String>,
}

impl<'a> Nemesis<'a> {
    /// Starts the instances. They end with the thread that calls this.
    pub(super) fn start(
        run: &'a Run,
        server: &'a mut DatabaseServer,
        wire: &'a WireProxy,
        builder: &'a dyn Fn() -> ServiceBuilder,
        seed: u64,
    ) -> Self {
        let services = ServiceBuilder::start_all((0..run.instances()).map(|_| builder()));
        for (instance, service) in services.iter().enumerate() {
            run.set_address(instance, Some(service.address()));
        }
        Self { run, server, wire, builder, services, random: Random::new(seed, 0), log: Vec::new() }
    }

    /// Strikes until this much time has passed since the history began; returns what it did.
    pub(super) fn strike_for(mut self, duration: Duration) -> (Vec<Service>, Vec<String>) {
        while self.run.elapsed() < duration {
            self.wait_for_answers(200, MAX_PAUSE);
            let fault = Fault::ALL[self.random.below(Fault::ALL.len())];
            let begun = self.run.elapsed();
            self.strike(fault);
            let (begun, ended) = (begun.as_secs_f64(), self.run.elapsed().as_secs_f64());
            self.log.push(format!("{begun:8.4}–{ended:.4} s {fault:?}"));
        }
        (self.services, self.log)
    }

    fn strike(&mut self, fault: Fault) {
        let instance = self.random.below(self.services.len());
        match fault {
            Fault::KillService => {
                self.kill_service(instance);
                self.start_service(instance);
            }
            Fault::FreezeService => {
                self.services[instance].freeze();
                self.wait_for_answers(100, MAX_FREEZE);
                self.services[instance].thaw();
            }
            Fault::KillServer => {
                self.server.kill();
                self.wait_for_answers(100, MAX_OUTAGE);
                self.server.restart();
            }
            Fault::FreezeServer => {
                self.server.freeze();
                self.wait_for_answers(100, MAX_FREEZE);
                self.server.thaw();
            }
            Fault::FreezeServerForLong => {
                self.server.freeze();
                wait_until(LONG_FREEZE, || false);
                self.server.thaw();
            }
            Fault::KillServiceOfFrozenServer => {
                self.server.freeze();
                self.wait_for_answers(100, MAX_OUTAGE);
                self.kill_service(instance);
                self.server.thaw();
                self.start_service(instance);
            }
            Fault::CutConnections => {
                for client in 0..self.run.clients() {
                    if self.random.percent(50) {
                        self.run.cut(client);
                    }
                }
            }
            Fault::CutWire(mode) => self.wire.set_mode(mode),
        }
    }

    fn kill_service(&mut self, instance: usize) {
        self.run.set_address(instance, None);
        self.services[instance].kill();
    }

    fn start_service(&mut self, instance: usize) {
        self.services[instance] = (self.builder)().start();
        self.run.set_address(instance, Some(self.services[instance].address()));
    }

    /// Waits for a random number of answers, at most `max`, and no longer than `limit`.
    fn wait_for_answers(&mut self, max: usize, limit: Duration) {
        let enough = self.run.ended() + 1 + self.random.below(max);
        wait_until(limit, || self.run.ended() >= enough);
    }
}
