//! Templates: the items that every student with a place gets.

use std::collections::{HashMap, HashSet};

use chrono::SubsecRound as _;
use registration_domain::{
    Action, DeskTransaction, RepositoryError, StudentId, StudentRecord, Task, TaskQuery, TaskState,
    TaskTemplate, TaskTitle, TemplateCount, TemplateId, Version,
};

use super::{
    super::{
        DeskError, RequestContext,
        access::Caller,
        once::{Done, Repeatable, once},
    },
    Checklist, TemplateError,
};

/// What changes of a template; `None` leaves a value as it is.
#[derive(Clone, Debug, Default)]
pub struct TemplatePatch {
    /// What it asks for.
    pub title: Option<TaskTitle>,
    /// Its place in the checklist.
    pub position: Option<u16>,
    /// Whether students still get it.
    pub is_active: Option<bool>,
}

/// The checklist over all students.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Every template, with how many students lack and have its item.
    pub templates: Vec<(TaskTemplate, TemplateCount)>,
    /// The newest open items of single students.
    pub others: Vec<(Task, StudentRecord)>,
    /// Whether there are more of them.
    pub has_more: bool,
}

/// Items of single students in an overview.
const OTHERS: usize = 100;

type Answer<T> = Result<Result<T, TemplateError>, DeskError>;

impl Checklist {
    /// Every template, in the order of the checklist.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn templates(&self) -> Result<Vec<TaskTemplate>, DeskError> {
        self.office.read(|desk| desk.templates()).await
    }

    /// The whole checklist.
    ///
    /// # Errors
    ///
    /// The store gave no answer.
    pub async fn overview(&self) -> Result<Overview, DeskError> {
        self.office.read(overview).await
    }

    /// Makes a template, the last of the checklist. A job gives its items to the students with a place.
    ///
    /// # Errors
    ///
    /// There are too many, or the key was sent with another request.
    #[tracing::instrument(name = "create_task_template", skip_all)]
    pub async fn create_template(
        &self,
        title: TaskTitle,
        caller: &Caller,
        context: RequestContext,
        repeatable: Option<Repeatable<TaskTemplate>>,
    ) -> Answer<Done<TaskTemplate>> {
        let (actor, version) = (caller.actor(), |template: &TaskTemplate| template.version);
        let create = move |desk: &mut dyn DeskTransaction| {
            let id = TemplateId::new(context.now, context.id_bytes());
            // The template takes the place of the student.
            let subject = StudentId::from_bytes(*id.as_bytes());
            once(desk, repeatable.as_ref(), subject, context.now, version, |desk| {
                let templates = desk.templates()?;
                if templates.len() >= TaskTemplate::MAX {
                    return Ok(Err(TemplateError::TooMany));
                }
                let last = templates.iter().map(|template| template.position).max().unwrap_or(0);
                let template = TaskTemplate {
                    id,
                    title: title.clone(),
                    position: last.saturating_add(1).min(TaskTemplate::MAX_POSITION),
                    is_active: true,
                    changed_at: context.now.trunc_subsecs(6),
                    version: Version::FIRST,
                };
                desk.insert_template(&template)?;
                desk.append(&context.entry(actor, Action::TemplateCreated, *id.as_bytes()))?;
                Ok(Ok(template))
            })
        };
        self.office.write(create).await
    }

    /// Changes a template. A job takes the items of one that is no longer active from the students, where
    /// they carry nothing.
    ///
    /// # Errors
    ///
    /// There is no such template, or its version is not this one.
    #[tracing::instrument(name = "change_task_template", skip_all)]
    pub async fn change_template(
        &self,
        id: TemplateId,
        version: Version,
        patch: TemplatePatch,
        caller: &Caller,
        context: RequestContext,
    ) -> Answer<TaskTemplate> {
        let actor = caller.actor();
        let change = move |desk: &mut dyn DeskTransaction| {
            let before = match desk.lock_template(id)? {
                None => return Ok(Err(TemplateError::NotFound)),
                Some(template) if template.version != version => {
                    return Ok(Err(TemplateError::Stale(Box::new(template))));
                }
                Some(template) => template,
            };
            let Some((after, fields)) = changed(&before, &patch, context) else {
                return Ok(Ok(before));
            };
            desk.update_template(&after)?;
            let entry = context.entry(actor, Action::TemplateChanged, *id.as_bytes());
            desk.append(&entry.with("fields", fields.join(",")))?;
            Ok::<_, RepositoryError>(Ok(after))
        };
        self.office.write(change).await
    }
}

fn overview(desk: &mut dyn DeskTransaction) -> Result<Overview, RepositoryError> {
    let counts: HashMap<_, _> =
        desk.count_by_template()?.into_iter().map(|count| (count.template, count)).collect();
    let with_count = |template: TaskTemplate| {
        let count = *counts.get(&template.id)?;
        Some((template, count))
    };
    let templates = desk.templates()?.into_iter().filter_map(with_count).collect();
    let query = TaskQuery {
        state: Some(TaskState::Open),
        without_template: true,
        limit: OTHERS + 1,
        ..TaskQuery::default()
    };
    let mut tasks = desk.tasks(&query)?;
    let has_more = tasks.len() > OTHERS;
    tasks.truncate(OTHERS);
    let ids: HashSet<_> = tasks.iter().map(|(_, task)| task.student).collect();
    let records = desk.find_records(&ids.into_iter().collect::<Vec<_>>())?;
    let records: HashMap<_, _> =
        records.into_iter().map(|(_, record)| (record.id, record)).collect();
    let with_record = |(_, task): (_, Task)| {
        let record = records.get(&task.student)?.clone();
        Some((task, record))
    };
    let others = tasks.into_iter().filter_map(with_record).collect();
    Ok(Overview { templates, others, has_more })
}

/// The template after a change, with the names of what it changes; `None` where it changes nothing.
fn changed(
    before: &TaskTemplate,
    patch: &TemplatePatch,
    context: RequestContext,
) -> Option<(TaskTemplate, Vec<&'static str>)> {
    let is_active = patch.is_active.unwrap_or(before.is_active);
    let now = context.now.trunc_subsecs(6);
    let after = TaskTemplate {
        id: before.id,
        title: patch.title.clone().unwrap_or_else(|| before.title.clone()),
        position: patch.position.unwrap_or(before.position),
        is_active,
        changed_at: if is_active == before.is_active { before.changed_at } else { now },
        version: before.version.next(),
    };
    let changes = [
        ("title", after.title != before.title),
        ("position", after.position != before.position),
        ("active", after.is_active != before.is_active),
    ];
    let fields: Vec<_> = changes.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    (!fields.is_empty()).then_some((after, fields))
}
