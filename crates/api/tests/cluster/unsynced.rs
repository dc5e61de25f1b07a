//! Nodes that are up but not synced are not used.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use registration_testkit::{cluster_trial, wait_until};

use crate::{
    load::while_loaded,
    support::{assert_all_stored, client, cluster, post, service},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        cluster_trial("an_unsynced_node_is_not_used", an_unsynced_node_is_not_used),
        cluster_trial("without_a_quorum_nothing_is_stored", without_a_quorum_nothing_is_stored),
    ]
}

/// How long HAProxy and readiness may take to notice.
const DETECTION_TIMEOUT: Duration = Duration::from_secs(30);

fn an_unsynced_node_is_not_used() {
    let mut cluster = cluster();
    let service = service(&cluster.url());
    for (put_out, put_in) in [
        ("SET GLOBAL wsrep_desync = ON", "SET GLOBAL wsrep_desync = OFF"),
        ("SET GLOBAL read_only = ON", "SET GLOBAL read_only = OFF"),
        ("SET GLOBAL wsrep_reject_queries = ALL", "SET GLOBAL wsrep_reject_queries = NONE"),
    ] {
        cluster.execute(1, put_out);
        assert!(wait_until(DETECTION_TIMEOUT, || cluster.active_node() == Some(2)), "{put_out}");
        cluster.execute(1, put_in);
        assert!(wait_until(DETECTION_TIMEOUT, || cluster.active_node() == Some(1)), "{put_in}");
    }
    // A node that receives a full copy of the data accepts connections before it has them.
    cluster.stop(1);
    cluster.delete_data(1);
    assert!(wait_until(DETECTION_TIMEOUT, || cluster.active_node() == Some(2)));
    let began = Instant::now();
    cluster.launch(1);
    loop {
        let used = cluster.active_node();
        if cluster.is_synced(1) {
            break;
        }
        assert_eq!(used, Some(2));
    }
    println!("\n  all data anew: synced after {:.1} s", began.elapsed().as_secs_f64());
    assert!(wait_until(DETECTION_TIMEOUT, || cluster.active_node() == Some(1)));
    assert_eq!(post(&service, "after@example.org").status(), 201);
    assert_all_stored(&cluster, &["after@example.org".to_owned()]);
}

fn without_a_quorum_nothing_is_stored() {
    let mut cluster = cluster();
    // One connects to the remaining node, the other to HAProxy.
    let services = [service(&cluster.node_url(3)), service(&cluster.url())];
    let created = post(&services[0], "before@example.org");
    let student = services[0].url(created.headers()["location"].to_str().unwrap());
    while_loaded(&mut cluster, &services, |cluster, load| {
        cluster.freeze(1);
        cluster.freeze(2);
        for service in &services {
            let ready =
                || client().get(service.admin_url("/health/ready")).send().unwrap().status();
            assert!(wait_until(DETECTION_TIMEOUT, || ready() == 503));
            assert_eq!(post(service, "during@example.org").status(), 503);
            let live = client().get(service.url("/health/live")).send().unwrap();
            assert_eq!(live.status(), 200);
        }
        assert_eq!(client().get(&student).send().unwrap().status(), 503);
        assert!(wait_until(DETECTION_TIMEOUT, || cluster.active_node().is_none()));
        let outage = load.measure("no quorum, and a quorum again", || {
            cluster.thaw(1);
            cluster.thaw(2);
            (1..=3).for_each(|number| cluster.wait_until_up(number));
        });
        outage.assert_shorter_than(30);
    });
}
