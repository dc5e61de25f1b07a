//! Nodes end, freeze and come back while students register.

use libtest_mimic::Trial;
use registration_testkit::{GaleraCluster, cluster_trial};

use crate::{
    load::{Load, while_loaded},
    support::{cluster, two_behind},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        cluster_trial("a_killed_node_is_a_short_outage", a_killed_node_is_a_short_outage),
        cluster_trial("a_frozen_node_is_a_short_outage", a_frozen_node_is_a_short_outage),
        cluster_trial("nodes_restart_one_by_one", nodes_restart_one_by_one),
        cluster_trial("a_power_cut_loses_nothing", a_power_cut_loses_nothing),
    ]
}

/// The longest in seconds that nobody may be registered for want of one node.
const SHORT: u64 = 15;

/// Starts a node that has ended, and waits until HAProxy would use it.
fn bring_back(cluster: &mut GaleraCluster, load: &Load, number: usize) {
    let joined = load.measure(&format!("node {number} joins"), || {
        cluster.launch(number);
        cluster.wait_until_synced(number);
    });
    joined.assert_none_refused();
    joined.assert_shorter_than(SHORT);
    use_again(cluster, load, number);
}

/// Waits until HAProxy would use a node. To node 1 everybody moves back.
fn use_again(cluster: &GaleraCluster, load: &Load, number: usize) {
    let used = load.measure(&format!("node {number} is used again"), || {
        cluster.wait_until_up(number);
    });
    used.assert_shorter_than(SHORT);
    assert_eq!(cluster.active_node(), Some(1));
}

fn a_killed_node_is_a_short_outage() {
    let mut cluster = cluster();
    let services = two_behind(&cluster);
    while_loaded(&mut cluster, &services, |cluster, load| {
        assert_eq!(cluster.active_node(), Some(1));
        load.measure("node 1 is killed", || cluster.kill(1)).assert_shorter_than(SHORT);
        assert_eq!(cluster.active_node(), Some(2));
        bring_back(cluster, load, 1);
        let standby = load.measure("node 2 is killed", || cluster.kill(2));
        standby.assert_none_refused();
        standby.assert_shorter_than(SHORT);
        bring_back(cluster, load, 2);
    });
}

fn a_frozen_node_is_a_short_outage() {
    let mut cluster = cluster();
    let services = two_behind(&cluster);
    while_loaded(&mut cluster, &services, |cluster, load| {
        load.measure("node 1 is frozen", || cluster.freeze(1)).assert_shorter_than(SHORT);
        assert_eq!(cluster.active_node(), Some(2));
        cluster.thaw(1);
        use_again(cluster, load, 1);
        let standby = load.measure("node 3 is frozen", || cluster.freeze(3));
        standby.assert_none_refused();
        standby.assert_shorter_than(SHORT);
        cluster.thaw(3);
        use_again(cluster, load, 3);
        (1..=3).for_each(|number| cluster.wait_until_synced(number));
    });
}

/// In the order in which an operator should: the node in use last.
fn nodes_restart_one_by_one() {
    let mut cluster = cluster();
    let services = two_behind(&cluster);
    while_loaded(&mut cluster, &services, |cluster, load| {
        for number in [3, 2, 1] {
            let stopped = load.measure(&format!("node {number} stops"), || cluster.stop(number));
            stopped.assert_shorter_than(SHORT);
            if number != 1 {
                stopped.assert_none_refused();
            }
            bring_back(cluster, load, number);
        }
    });
}

/// All nodes end at once, and all come back.
fn a_power_cut_loses_nothing() {
    let mut cluster = cluster();
    let services = two_behind(&cluster);
    while_loaded(&mut cluster, &services, |cluster, load| {
        let outage = load.measure("all are killed, all are started", || {
            (1..=3).for_each(|number| cluster.kill(number));
            (1..=3).for_each(|number| cluster.launch(number));
            (1..=3).for_each(|number| cluster.wait_until_synced(number));
        });
        outage.assert_shorter_than(60);
        use_again(cluster, load, 1);
    });
}
