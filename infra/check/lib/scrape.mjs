// What prometheus.yml scrapes: maps each job to the labels that its targets have, beside job and instance.

const FILE = "infra/prometheus/prometheus.yml";
// Deployments set other values than the one in the repository.
const FREE = ["environment"];

export function scrapeJobs(tree) {
  const jobs = new Map();
  for (const job of tree.parsed(FILE)?.scrape_configs ?? []) {
    const labels = new Map();
    for (const [label, value] of (job.static_configs ?? []).flatMap((config) => Object.entries(config.labels ?? {}))) {
      labels.set(label, FREE.includes(label) ? null : new Set([...(labels.get(label) ?? []), value]));
    }
    for (const { target_label: label } of [...(job.relabel_configs ?? []), ...(job.metric_relabel_configs ?? [])]) {
      if (label) labels.set(label, null);
    }
    jobs.set(job.job_name, labels);
  }
  return jobs;
}

// [job, target] of every target, as in ["tempo", "tempo:3200"].
export function scrapeTargets(tree) {
  return (tree.parsed(FILE)?.scrape_configs ?? []).flatMap(({ job_name: job, static_configs: configs = [] }) =>
    configs.flatMap(({ targets = [] }) => targets.map((target) => [job, target])),
  );
}

// The jobs that scrape a program, which is called as the job or as the host.
export function jobsOf(tree, program) {
  const found = scrapeTargets(tree).filter(([job, target]) => job === program || target.split(":")[0] === program);
  return [...new Set(found.map(([job]) => job))];
}
