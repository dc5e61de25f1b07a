//! A private MariaDB Galera cluster: three nodes (`node.rs`) behind HAProxy (`haproxy.rs`), configured by
//! the files of `infra/galera`.

mod haproxy;
mod node;
mod ports;
mod process;

use diesel::{Connection as _, MysqlConnection, connection::SimpleConnection as _};
use tempfile::TempDir;

use self::{haproxy::HaProxy, node::Node, process::SYNC_TIMEOUT};
use crate::database::mysql_column;

/// Three nodes called 1, 2 and 3, and HAProxy, which sends every connection to node 1 while it can.
/// Dropping it ends all of them and deletes their data.
///
/// The user `root` has no password; everything listens on the loopback interface only.
pub struct GaleraCluster {
    // Dropped in this order: no process writes when the folder is deleted.
    haproxy: HaProxy,
    nodes: Vec<Node>,
    _folder: TempDir,
}

impl GaleraCluster {
    /// What is not installed, if anything is.
    #[must_use]
    pub fn skip_reason() -> Option<&'static str> {
        let programs = [node::PROGRAMS.as_slice(), &["haproxy"]].concat();
        let all = programs.iter().all(|name| crate::process::program(name).is_some());
        (!all || !node::has_provider())
            .then_some("programs are missing (make test-cluster installs them)")
    }

    /// Starts the nodes one after the other, then HAProxy, and waits until it uses all of them.
    ///
    /// # Panics
    ///
    /// Where one does not start; with the end of its log.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("registration-galera-").tempdir().unwrap();
        process::chown_to_server_user(folder.path());
        let mut nodes = node::configure_three(folder.path());
        let (first, others) = nodes.split_first_mut().unwrap();

        // Nodes with the same past, as after a restored backup, need no copy of all files to join.
        first.install();
        first.bootstrap();
        first.wait_until_synced();
        execute(&first.url(), include_str!("../../../infra/galera/check-user.sql"));
        first.stop();
        others.iter().for_each(|node| node.copy_data_of(first));

        first.bootstrap();
        first.wait_until_synced();
        for node in others {
            node.launch();
            node.wait_until_synced();
        }
        let haproxy = HaProxy::start(folder.path(), &nodes);
        let cluster = Self { haproxy, nodes, _folder: folder };
        (1..=3).for_each(|number| cluster.wait_until_up(number));
        cluster
    }

    /// Where HAProxy takes connections; a database name may be added at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.haproxy.url()
    }

    /// Where a node takes connections; a database name may be added at the end.
    #[must_use]
    pub fn node_url(&self, number: usize) -> String {
        self.node(number).url()
    }

    /// Kills a node as a power cut would: no warning, no shutdown.
    pub fn kill(&mut self, number: usize) {
        self.node_mut(number).kill();
    }

    /// Stops a node where it stands: it keeps its connections and answers nothing.
    pub fn freeze(&self, number: usize) {
        self.node(number).signal("-STOP");
    }

    /// Lets a frozen node go on.
    pub fn thaw(&self, number: usize) {
        self.node(number).signal("-CONT");
    }

    /// Shuts a node down as its supervisor does, and waits until it has ended.
    pub fn stop(&mut self, number: usize) {
        self.node_mut(number).stop();
    }

    /// Starts a node that has ended, and does not wait: it joins the others where it finds them.
    pub fn launch(&mut self, number: usize) {
        self.node_mut(number).launch();
    }

    /// Takes all data from a node that has ended: it gets them anew from another when it joins.
    pub fn delete_data(&self, number: usize) {
        self.node(number).delete_data();
    }

    /// Whether a node calls itself synced with the others. One that is frozen never answers.
    #[must_use]
    pub fn is_synced(&self, number: usize) -> bool {
        self.node(number).is_synced()
    }

    /// Waits until a node is synced.
    ///
    /// # Panics
    ///
    /// Where it ends instead, or takes too long; with the end of its log.
    pub fn wait_until_synced(&mut self, number: usize) {
        self.node_mut(number).wait_until_synced();
    }

    /// Whether HAProxy would send connections to a node now.
    #[must_use]
    pub fn is_up(&self, number: usize) -> bool {
        self.haproxy.is_up(&self.node(number).name)
    }

    /// Waits until HAProxy would send connections to a node.
    ///
    /// # Panics
    ///
    /// Where it takes too long; with the end of HAProxy's log.
    pub fn wait_until_up(&self, number: usize) {
        let used = crate::wait_until(SYNC_TIMEOUT, || self.is_up(number));
        assert!(used, "HAProxy does not use node {number}:\n{}", self.haproxy.log_tail());
    }

    /// The number of the node that HAProxy sends a new connection to, if there is any.
    #[must_use]
    pub fn active_node(&self) -> Option<usize> {
        let mut connection = MysqlConnection::establish(&self.url()).ok()?;
        let name = mysql_column(&mut connection, "SELECT @@wsrep_node_name AS value").ok()?;
        self.nodes.iter().position(|node| name.contains(&node.name)).map(|index| index + 1)
    }

    /// The first column, called `value`, of every row that `sql` selects on a node, as text.
    ///
    /// # Panics
    ///
    /// Where the node does not answer, or refuses.
    #[must_use]
    pub fn query_column(&self, number: usize, sql: &str) -> Vec<String> {
        mysql_column(&mut self.connect(number), sql).unwrap()
    }

    /// As [`GaleraCluster::query_column`], once the node has stored what the others have committed.
    ///
    /// # Panics
    ///
    /// As there, and where that takes too long.
    #[must_use]
    pub fn query_synced_column(&self, number: usize, sql: &str) -> Vec<String> {
        let mut connection = self.connect(number);
        connection.batch_execute("SET SESSION wsrep_sync_wait = 1").unwrap();
        mysql_column(&mut connection, sql).unwrap()
    }

    /// Runs statements on a node.
    ///
    /// # Panics
    ///
    /// Where the node does not answer, or refuses.
    pub fn execute(&self, number: usize, sql: &str) {
        execute(&self.node_url(number), sql);
    }

    /// Keeps a node from storing what the others commit, until what this returns is dropped. It still
    /// answers, and still calls itself one of them.
    ///
    /// # Panics
    ///
    /// Where the node does not answer.
    #[must_use]
    pub fn pause_replication(&self, number: usize) -> PausedReplication {
        let mut connection = self.connect(number);
        connection.batch_execute("FLUSH TABLES WITH READ LOCK").unwrap();
        PausedReplication(connection)
    }

    /// The end of every log, for a test that fails.
    #[must_use]
    pub fn log_tails(&self) -> String {
        let nodes = self.nodes.iter().map(|node| format!("{}:\n{}", node.name, node.log_tail()));
        let logs = nodes.chain([format!("HAProxy:\n{}", self.haproxy.log_tail())]);
        logs.collect::<Vec<_>>().join("\n")
    }

    fn connect(&self, number: usize) -> MysqlConnection {
        MysqlConnection::establish(&self.node_url(number)).unwrap()
    }

    fn node(&self, number: usize) -> &Node {
        &self.nodes[number - 1]
    }

    fn node_mut(&mut self, number: usize) -> &mut Node {
        &mut self.nodes[number - 1]
    }
}

/// A node that is held back; see [`GaleraCluster::pause_replication`].
pub struct PausedReplication(MysqlConnection);

impl Drop for PausedReplication {
    fn drop(&mut self) {
        // Closing the connection would do as well, but a server takes its time to notice.
        let _ = self.0.batch_execute("UNLOCK TABLES");
    }
}

fn execute(url: &str, sql: &str) {
    MysqlConnection::establish(url).unwrap().batch_execute(sql).unwrap();
}
