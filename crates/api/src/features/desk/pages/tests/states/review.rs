//! Applications one after the other.

use registration_domain::{CappedCount, Role, Status};

use super::{
    super::{
        super::{Here, Names, ReviewPage, Reviewed},
        samples::{notes, person, staff, student, tokens, zoe},
    },
    Pages,
};

pub(super) fn add(pages: &mut Pages) {
    let text = &pages.locale.messages().desk;
    let (zoe, notes, names) = (zoe(), notes(), Names::new(&staff(), &tokens()));
    let left = |count, is_capped| CappedCount { count, is_capped };
    let nothing = || Reviewed {
        current: None,
        notes: None,
        queue: vec![],
        names: &names,
        left: left(0, false),
        decided: 44,
        skip: None,
        here: "/desk/review?status=pending&sort=registered".to_owned(),
        shortcuts: true,
    };
    let page = |pages: &Pages, reviewed: &Reviewed<'_>| {
        let person = person(2, "Rosa Bianchi", Role::Registrar);
        ReviewPage::new(pages.layout(Here::Review, Some(&person)), reviewed)
    };
    let queue = (3..=9).map(|number| student(number, "Ada", "Byron", Status::Pending)).collect();
    let skip = Some("/desk/review?status=pending&sort=registered&cursor=01".to_owned());
    let whole = Reviewed {
        current: Some(&zoe),
        notes: Some(&notes),
        queue,
        left: left(1000, true),
        skip,
        ..nothing()
    };
    let texts = ["Brontë", "Ada Byron", "+", "44", "id=\"skip\"", text.review.keys];
    let one = page(pages, &whole);
    pages.add("review", &one, &texts);
    let last =
        Reviewed { current: Some(&zoe), left: left(1, false), shortcuts: false, ..nothing() };
    let one = page(pages, &last);
    pages.add("review-last", &one, &[text.review.left_one, text.review.last]);
    let one = page(pages, &nothing());
    pages.add("review-nothing", &one, &[text.review.nothing]);
    let one = page(pages, &Reviewed { left: left(3, false), ..nothing() });
    pages.add("review-skipped", &one, &[text.review.all_seen, text.review.again]);
}
