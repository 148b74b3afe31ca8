//! What every database behind [`canhgiac_store::Store`] keeps.
//!
//! Each rule is a function that takes a home for stores; the list at the end runs all of them on each
//! database. A rule that is not in the list is dead code, and the compiler says so.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod bulletins;
mod cases;
mod changes;
mod corrections;
mod effects;
mod files;
mod instances;
mod intake;
mod jobs;
mod keyed;
mod lookups;
mod messages;
mod moving;
mod partners;
mod people;
mod projector;
mod receipts;
mod reconsiderations;
mod redelivery;
mod retention;
mod search;
mod servers;
mod shared;
mod support;
mod upgrades;

macro_rules! on_every_database {
    ($($module:ident { $($rule:ident),+ $(,)? })+) => {
        mod sqlite {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $rule() {
                    crate::$module::$rule(&crate::support::Home::sqlite()).await;
                })+
            })+
        }
        mod postgres {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $rule() {
                    if let Some(home) = crate::support::Home::postgres().await {
                        crate::$module::$rule(&home).await;
                    }
                })+
            })+
        }
    };
}

on_every_database! {
    intake {
        places_follow_each_other_without_a_gap,
        an_append_of_nothing_leaves_nothing,
        what_was_appended_is_there_after_a_stop,
        one_append_may_be_larger_than_one_statement,
        appenders_at_the_same_time_get_places_of_their_own,
        bytes_and_words_come_back_as_they_were,
        reading_goes_by_pages_and_by_places,
        a_log_older_than_the_state_is_refused,
        a_batch_asked_again_is_appended_once,
    }
    instances {
        a_process_is_there_until_it_stops_renewing,
        of_several_that_ask_one_gets_the_lease,
        a_lease_that_ran_out_is_taken_over_and_its_holder_learns_it,
        a_lease_given_back_is_free_at_once,
        a_mark_stays_as_it_was_settled_first,
        only_messages_of_processes_that_are_gone_become_uncertain,
    }
    keyed {
        a_name_is_stored_once_and_gives_its_first_answer,
        other_words_under_a_name_are_refused,
        names_of_two_senders_are_two_things,
        a_batch_that_repeats_itself_stores_each_name_once,
        names_outlive_a_stop_and_end_with_their_time,
        a_large_batch_of_names_is_one_commit,
        senders_at_the_same_time_store_a_name_once,
        names_and_plain_rows_share_one_log,
    }
    partners {
        a_key_holds_until_it_is_revoked_or_over,
        keys_are_listed_without_what_opens,
    }
    projector {
        a_batch_moves_the_cursor_with_what_it_stores,
        a_batch_that_begins_elsewhere_changes_nothing,
        the_cursor_never_goes_back,
        two_projectors_store_a_batch_once,
        a_batch_that_fails_leaves_nothing_behind,
        a_crash_anywhere_in_a_batch_loses_and_repeats_nothing,
        parts_wait_until_they_are_used,
        a_message_is_overdue_when_its_newest_part_is_old,
        parts_are_used_once,
        a_report_reads_back_as_it_was_understood,
        sources_keep_their_order_and_spelling,
        a_job_of_a_report_names_it,
        a_large_batch_is_stored_whole,
    }
    redelivery {
        it_is_kept_and_marked_without_effects,
        it_is_found_in_its_own_batch,
        a_chain_of_copies_points_to_the_original,
        only_the_same_words_of_the_same_sender_soon_after_are_a_copy,
        a_copied_subscription_changes_nothing,
        a_copy_keeps_its_files,
    }
    cases {
        it_opens_once_per_source_even_within_a_batch, a_sender_name_is_one_whatever_its_case,
        later_reports_join_the_open_case,
        a_kind_that_joins_opens_nothing,
        a_joiner_meets_the_case_opened_before_it_in_the_batch,
        a_report_on_two_sources_belongs_to_both_cases,
        a_new_case_after_an_ended_one_names_it,
        a_voice_is_a_different_proven_reporter,
        a_list_says_the_same_as_each_case_alone,
        filters_of_cases_combine,
        lists_come_in_pages,
        officers_and_the_projector_work_at_the_same_time,
    }
    changes {
        a_change_moves_the_case_and_says_so,
        a_change_on_an_old_version_changes_nothing_at_all,
        of_two_decisions_at_the_same_time_one_holds,
        a_request_is_answered_once,
        an_answer_belongs_to_a_request_of_its_case,
        a_referral_is_acknowledged_once,
        a_late_block_is_undone_beside_a_newer_case,
        what_a_state_holds_reads_back,
    }
    effects {
        a_block_is_asked_in_the_name_and_on_the_basis_of_the_rule,
        a_restoration_repeats_the_basis_of_the_block,
        a_restoration_repeats_the_newest_basis,
        a_restoration_without_any_block_is_refused_whole,
        a_withdrawal_ends_open_blocks_of_this_case_only,
        a_ported_number_is_asked_of_its_new_operator,
        a_referral_is_written_to_its_unit,
        reporters_are_told_of_each_outcome_once,
        many_effects_of_one_decision_are_all_written,
        an_operator_reads_its_own_requests_oldest_first,
    }
    reconsiderations {
        one_is_filed_and_granted_with_its_case,
        one_is_refused_with_its_case,
        one_of_another_case_is_not_decided_along,
        one_without_a_case_is_decided_once_and_audited,
        one_with_a_case_is_not_decided_without_it,
        lists_show_the_undecided_first,
    }
    jobs {
        a_job_is_claimed_when_it_is_due,
        two_jobs_with_one_key_are_one,
        workers_at_the_same_time_never_claim_the_same,
        a_failed_job_runs_again_later,
        a_job_that_failed_for_good_is_set_aside_with_its_reason,
        a_late_failure_does_not_wake_a_job_that_is_done,
        a_job_ends_with_its_messages_and_twice_is_once,
        replies_of_a_day_are_limited_and_the_last_one_says_so,
        a_repeated_reply_does_not_use_up_the_limit,
    }
    messages {
        a_due_message_of_a_link_is_claimed_in_order,
        senders_at_the_same_time_never_take_the_same,
        what_was_being_sent_when_the_program_died_is_uncertain,
        each_outcome_is_noted,
        a_late_outcome_never_sends_again,
        messages_about_one_thing_are_listed_and_counted,
    }
    receipts {
        a_receipt_settles_its_message,
        a_receipt_before_the_answer_waits_for_it,
        ids_of_another_link_are_other_ids,
        an_id_used_again_names_the_newer_message,
        a_receipt_said_again_is_not_parked,
        a_parked_receipt_does_not_wait_for_ever,
    }
    bulletins {
        a_draft_is_begun_and_edited,
        an_author_never_publishes,
        publishing_plans_one_broadcast,
        a_withdrawn_warning_is_not_sent_on,
        a_draft_can_be_withdrawn_and_is_then_never_published,
        warnings_are_listed_by_state,
        subscribers_come_in_pages_without_a_gap,
        who_subscribes_again_is_told_by_the_newest_way,
    }
    people {
        staff_are_added_found_and_changed,
        a_session_lasts_until_it_expires_or_is_ended,
        an_operators_new_key_replaces_its_old_one,
        the_audit_trail_is_newest_first_and_by_object,
        a_page_has_its_bounds,
        figures_count_the_period,
    }
    search {
        words_are_found_without_accents,
        a_source_is_found_by_a_part_of_it,
        wildcards_are_ordinary_characters,
        very_many_words_are_no_error,
        filters_combine,
        pages_follow_each_other,
        reports_of_nearly_the_same_wording_are_found,
    }
    lookups {
        a_receipt_code_is_good_only_from_the_number_that_reported,
        a_code_never_opens_a_report_without_a_reporter,
        a_question_is_no_report,
        pieces_are_found_only_in_texts_of_the_same_number_to_the_same_code,
        a_report_is_found_by_number_id_and_link,
        a_code_sent_to_the_phone_opens_once,
        a_code_is_not_guessed,
        what_is_known_of_a_source_is_said,
    }
    corrections {
        a_text_that_was_not_understood_becomes_a_report,
        a_report_moves_to_the_case_of_its_right_source,
        a_kind_that_is_no_case_leaves_it,
        an_ended_case_keeps_the_reports_it_was_decided_on,
        a_copy_is_not_corrected_into_a_voice,
        a_report_is_done_once_and_not_in_a_case,
        files_are_kept_once_with_who_and_when,
    }
    retention {
        what_is_over_is_emptied_and_its_figure_stays,
        what_an_open_case_needs_stays_and_goes_when_the_case_is_over,
        a_log_row_goes_when_nothing_needs_it_and_the_newest_stays,
        a_dry_run_says_the_same_and_changes_nothing,
        a_purge_goes_in_small_steps_and_counts_what_it_removed,
        a_day_is_purged_once,
        a_report_is_erased_with_its_number_words_and_files,
        an_erasure_waits_for_the_case,
        a_budget_counts_by_day_and_survives,
        a_code_proves_a_number_once_for_its_form,
        a_report_set_aside_counts_for_nothing_until_an_officer_says_so,
        a_desk_lists_what_it_took_in,
    }
    files {
        an_export_reads_while_the_product_writes,
        what_one_process_committed_another_sees,
        a_closed_store_opens_again_as_it_was,
        nothing_stored_holds_a_reporters_number,
    }
}
