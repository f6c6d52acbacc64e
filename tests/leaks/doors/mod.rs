//! Each door on its own: a small platform, and callers who have more or less on it. What is hidden, what is listed, what is seen in part, in
//! portals and by caches.

mod admin;
#[path = "../../it/app.rs"]
#[allow(dead_code)]
mod app;
mod cache_headers;
mod callers;
mod credentials;
#[path = "../../it/desk.rs"]
#[allow(dead_code)]
mod desk;
#[path = "../../it/fixture.rs"]
#[allow(dead_code)]
mod fixture;
#[path = "../../it/keyed.rs"]
#[allow(dead_code)]
mod keyed;
mod portals;
mod visibility;

fn run(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().expect("a runtime");
    runtime.block_on(test);
}

macro_rules! tests {
    ($($module:ident::$name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                let _turn = crate::beside_others();
                run($module::$name());
            }
        )*

        /// The same by name, for mutants that only they find.
        #[cfg(guichet_leaks)]
        pub const TESTS: &[(&str, fn())] = &[$((stringify!($name), || run($module::$name()))),*];
    };
}

tests![
    visibility::what_is_hidden_answers_like_what_does_not_exist,
    visibility::scripts_may_ask_about_any_address,
    visibility::a_tile_of_several_layers_shows_those_that_are_seen,
    visibility::lists_hold_what_is_seen,
    visibility::from_the_landing_page_nothing_leads_to_what_is_hidden,
    visibility::a_part_is_seen_as_if_it_were_the_whole,
    visibility::pages_of_one_caller_are_nothing_to_another,
    visibility::a_listed_collection_says_whom_to_ask,
    visibility::tiles_of_some_zooms_say_so,
    visibility::a_style_made_by_hand_shows_what_is_seen_whole,
    visibility::a_grant_for_items_alone_opens_items_alone,
    visibility::a_download_ends_with_the_right_to_it,
    visibility::the_journal_knows_who_read_what,
    portals::a_portal_has_every_route_with_plain_names,
    portals::a_portal_narrows_and_never_widens,
    portals::a_portal_of_nothing_is_no_portal,
    portals::every_link_of_a_portal_stays_in_it,
    portals::a_portal_is_its_organisations,
    cache_headers::shared_caches_keep_what_everybody_gets,
    cache_headers::what_is_open_stays_shared,
    cache_headers::news_of_no_change_is_kept_like_the_answer,
    cache_headers::equal_rights_share_bytes,
    credentials::bad_credentials_are_never_passed_over,
    credentials::a_key_holds_to_its_end,
    credentials::keys_of_some_pages_and_networks,
    credentials::credentials_are_not_repeated,
    credentials::a_browser_key_changes_nothing,
    credentials::a_signed_url_ends_in_time,
    credentials::a_signed_url_opens_nothing_else,
    credentials::a_signed_url_ends_with_its_key,
    credentials::a_signed_url_ends_with_what_it_was_made_for,
    credentials::hostile_tokens,
    credentials::verdicts_end_with_what_they_were_made_of,
    credentials::remembered_keys_are_still_checked,
    credentials::a_session_is_for_pages,
    admin::without_a_role_there_is_no_administration,
    admin::a_session_administrates_nothing,
    admin::entries_of_others_are_nowhere,
    admin::nothing_is_made_for_others,
    admin::warnings_name_nothing_of_others,
    admin::names_are_not_probed,
    admin::the_definition_is_the_callers,
    admin::no_answer_holds_a_hash,
    admin::a_narrow_key_administrates_nothing,
    admin::a_grant_opens_its_rows_at_once,
    admin::a_successor_falls_with_its_key,
    admin::a_grant_to_a_key_is_one,
    admin::a_key_makes_itself_no_wider,
    admin::nobody_locks_the_operator_out,
    admin::the_ceiling_tells_nothing_of_partners,
    admin::a_grant_of_several_is_left_alone,
];
