//! The list.

use registration_application::desk::exports::Printed;
use registration_domain::{CappedCount, Field, Role, RosterPage, Sort, Source, Status, TaskCount};

use super::{
    super::{
        super::{
            Banner, Change, ExportPage, Here, Listing, PrintOptions, PrintPage, RosterParams,
            StudentsPage,
        },
        samples::{minutes_ago, person, roster, student, templates, zoe},
    },
    Pages,
};
use crate::web::form::Form;

pub(super) fn add(pages: &mut Pages) {
    let text = &pages.locale.messages().desk;
    let counts = Status::ALL.map(|status| {
        let is_capped = status == Status::Pending;
        (
            status,
            CappedCount { count: if is_capped { 1000 } else { status as usize * 7 }, is_capped },
        )
    });
    let listing = |page| Listing {
        page,
        tasks: None,
        templates: &[],
        counts: &counts,
        as_of: None,
        previous: None,
        next: None,
        first_row: Some(1),
        shortcuts: true,
    };
    let full = roster(50);
    let both =
        |page| Listing { previous: Some("p".into()), next: Some("n".into()), ..listing(page) };
    let page =
        StudentsPage::new(pages.admin(Here::Students), RosterParams::default(), &both(Some(&full)));
    pages.add(
        "students",
        &page,
        &[
            "Brontë",
            "&#60;b&#62;Bobby",
            "1.000+".replace('.', if text.frame.thousands == ',' { "," } else { "." }).as_str(),
            "aria-sort=\"descending\"",
        ],
    );
    let (templates, lacking) = (templates(), TaskCount { open: 1, done: 3 });
    let tasks = full.students.iter().take(30).map(|(row, _)| (*row, lacking)).collect();
    let found = Listing { tasks: Some(&tasks), templates: &templates, ..both(Some(&full)) };
    let missing = RosterParams { task: templates[0].id.to_string(), ..RosterParams::default() };
    let page = StudentsPage::new(pages.admin(Here::Students), missing, &found);
    let own = &text.checklist;
    let count = own.count.replace("{done}", "3").replace("{all}", "4");
    let tick = own.tick_many.replace("{item}", "Birth certificate");
    let lacks = own.lacks.replace("{item}", "Birth certificate");
    pages.add("students-checklist", &page, &[own.column, &count, &tick, &lacks, own.anything]);
    let carried = vec![("q", "a\"b".to_owned()), ("status", "pending".to_owned())];
    for (name, count, says) in [
        ("export", Some(10_234), text.list.all_students),
        ("export-one", Some(1), text.export.one),
        ("export-none", Some(0), text.export.none),
        ("export-incomplete", None, text.export.incomplete),
    ] {
        let page = ExportPage::new(pages.admin(Here::Students), carried.clone(), count);
        let says = if name == "export" { "value=\"a&#34;b\"" } else { says };
        pages.add(name, &page, &[says, text.export.heading]);
    }
    let students = full.students.iter().map(|(_, record)| record.clone()).collect();
    let printed = Printed { students, has_more: true };
    let print = |query: &str| {
        let options = PrintOptions::read(&Form::parse(query.as_bytes()).unwrap());
        let layout = pages.admin(Here::Students);
        PrintPage::new(layout, carried.clone(), &options, &printed, minutes_ago(0))
    };
    let first = print("");
    let query = "shown=yes&title=Klasse%205%3Cb%3E&lines=3&email=on&status_column=on";
    let (full_print, wrong) = (print(query), print("shown=yes&lines=51"));
    assert!(wrong.is_refused() && !first.is_refused());
    let own = &text.print;
    pages.add("print", &first, &[own.default_title, own.signature, own.more, "Brontë Zoë"]);
    let texts = ["Klasse 5&#60;b&#62;", ">53</td>", text.statuses.pending, "@example.org"];
    pages.add("print-options", &full_print, &texts);
    pages.add("print-refused", &wrong, &[own.lines_invalid, "value=\"51\""]);
    let filtered = RosterParams {
        q: "bront".into(),
        statuses: vec![Status::Pending, Status::Waitlisted],
        sources: vec![Source::Desk],
        sort: Sort::Name,
        cursor: None,
        ..RosterParams::default()
    };
    let some = RosterPage { is_cut: true, behind: 340, ..roster(5) };
    let found = Listing { first_row: None, ..listing(Some(&some)) };
    let banner =
        Banner::status_changed(pages.locale, &student(1, "Zoë", "Brontë", Status::Confirmed));
    let layout = pages.admin(Here::Students).with_banner(Some(banner));
    let page = StudentsPage::new(layout, filtered.clone(), &found);
    pages.add("students-filtered", &page, &["340", text.list.cut, text.statuses.confirmed]);
    let change = Change {
        who: "Rosa Bianchi".into(),
        at: minutes_ago(2),
        fields: vec![Field::Email],
        status: true,
    };
    let banner = Banner::stale(pages.locale, &zoe(), &change);
    let layout = pages.admin(Here::Students).with_banner(Some(banner));
    let page = StudentsPage::new(layout, RosterParams::default(), &listing(Some(&some)));
    pages.add("students-stale", &page, &["Rosa Bianchi", text.stale.the_fields.email]);
    let enrolled = student(1, "Zoë", "Brontë", Status::Enrolled);
    let banner = Banner::illegal(pages.locale, &enrolled, Status::Waitlisted);
    let layout = pages.layout(Here::Students, Some(&person(2, "Rosa Bianchi", Role::Registrar)));
    let page = StudentsPage::new(
        layout.with_banner(Some(banner)),
        RosterParams::default(),
        &listing(Some(&some)),
    );
    pages.add("students-illegal", &page, &[text.statuses.withdrawn]);
    let layout = pages.layout(Here::Students, Some(&person(3, "Grace Hopper", Role::Viewer)));
    let page = StudentsPage::new(
        layout,
        RosterParams::default(),
        &Listing { shortcuts: false, ..listing(Some(&some)) },
    );
    pages.add("students-viewer", &page, &["Brontë"]);
    let none = RosterPage::default();
    let page = StudentsPage::new(
        pages.admin(Here::Students),
        RosterParams::default(),
        &listing(Some(&none)),
    );
    pages.add("students-none", &page, &[text.list.no_students]);
    let page = StudentsPage::new(pages.admin(Here::Students), filtered, &listing(Some(&none)));
    pages.add("students-nothing", &page, &["bront", text.list.without_filters]);
    let long = RosterParams { q: "x".repeat(201), ..RosterParams::default() };
    let page = StudentsPage::new(pages.admin(Here::Students), long, &listing(None));
    pages.add("students-too-long", &page, &[text.list.too_long]);
}
