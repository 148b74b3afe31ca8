//! What is wrong now, for readiness, the console and the metrics.
//!
//! Whoever works with the databases says how it went; while one of them fails a small commit is tried again and
//! again, so that the end of the trouble is seen without anybody's work. How long something lasts is told by the
//! clock that does not jump. It decides nothing: what is refused or tried again is decided where it happens.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use canhgiac_store::{Fault, StoreError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// A commit that takes this long stands still.
const STALLED_AFTER: Duration = Duration::from_secs(2);
/// How often a part that fails is tried.
const PROBE_EVERY: Duration = Duration::from_millis(500);

/// A part whose failing stops something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The intake log: nothing can be answered OK.
    Intake,
    /// All that is made of it: reports are kept and worked on later.
    State,
}

impl Part {
    /// All parts.
    pub const ALL: [Part; 2] = [Part::Intake, Part::State];

    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            Part::Intake => "intake",
            Part::State => "state",
        }
    }
}

/// What is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ailment {
    /// A commit has been under way for too long.
    Stalled,
    /// Commits fail.
    Failing(Fault),
    /// Something was read that is not what was written.
    Damaged,
}

impl Ailment {
    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            Ailment::Stalled => "commit_stalled",
            Ailment::Failing(Fault::DiskFull) => "disk_full",
            Ailment::Failing(Fault::DiskFailing) => "disk_failing",
            Ailment::Failing(Fault::Unreachable) => "unreachable",
            Ailment::Failing(Fault::Other) => "failing",
            Ailment::Failing(Fault::Damaged) | Ailment::Damaged => "damaged",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// With what.
    pub part: Part,
    /// What.
    pub ailment: Ailment,
    /// For how long.
    pub lasts: Duration,
}

impl Trouble {
    /// Whether it stops the part; damage that was met somewhere does not by itself.
    pub fn stops(&self) -> bool {
        self.ailment != Ailment::Damaged
    }

    /// For the people of the console: what it means and what to do.
    pub fn in_words(&self) -> String {
        let what = match self.part {
            Part::Intake => "Tin mới đang bị tạm từ chối (nhà mạng sẽ gửi lại, không mất tin)",
            Part::State => "Tin mới vẫn được lưu nhưng chưa được xử lý",
        };
        let seconds = self.lasts.as_secs();
        match self.ailment {
            Ailment::Stalled => {
                format!("Ổ đĩa đứng từ {seconds} giây: chưa ghi xong lần ghi gần nhất. {what}.")
            }
            Ailment::Failing(Fault::DiskFull) => {
                format!("Ổ đĩa đã đầy từ {seconds} giây. {what}. Cần giải phóng dung lượng ngay.")
            }
            Ailment::Failing(Fault::DiskFailing) => {
                format!("Ổ đĩa báo lỗi đọc ghi từ {seconds} giây. {what}. Cần kiểm tra ổ đĩa ngay.")
            }
            Ailment::Failing(Fault::Unreachable | Fault::Other) => {
                format!("Cơ sở dữ liệu không ghi được từ {seconds} giây. {what}.")
            }
            Ailment::Failing(Fault::Damaged) | Ailment::Damaged => format!(
                "Phát hiện dữ liệu hỏng trong {}. Chạy “canhgiac check-store” và khôi phục từ bản sao lưu.",
                match self.part {
                    Part::Intake => "sổ tiếp nhận (intake.db)",
                    Part::State => "dữ liệu xử lý (state.db)",
                }
            ),
        }
    }
}

/// How a part fares.
#[derive(Debug, Default)]
struct Course {
    under_way: Option<Instant>,
    failing: Option<(Instant, Fault)>,
    damaged: Option<Instant>,
}

/// How all parts fare. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Health {
    courses: Arc<[Mutex<Course>; 2]>,
}

impl Health {
    /// A commit begins.
    pub fn begins(&self, part: Part) {
        self.course(part).under_way = Some(Instant::now());
    }

    /// It ended well: whatever was wrong is over, except damage.
    pub fn went_well(&self, part: Part) {
        let mut course = self.course(part);
        course.under_way = None;
        if let Some((since, fault)) = course.failing.take() {
            tracing::info!(part = part.id(), ?fault, lasted = ?since.elapsed(), "the database can be written again");
        }
    }

    /// It ended with an error; one that is only about what was asked is none of the part.
    pub fn went_wrong(&self, part: Part, error: &StoreError) {
        let mut course = self.course(part);
        course.under_way = None;
        let Some(fault) = error.fault() else { return };
        if fault == Fault::Damaged {
            course.damaged.get_or_insert_with(Instant::now);
        }
        let since = course.failing.map_or_else(Instant::now, |(since, _)| since);
        course.failing = Some((since, fault));
    }

    /// Something was read that is not what was written.
    pub fn damage_found(&self, part: Part) {
        self.course(part).damaged.get_or_insert_with(Instant::now);
    }

    /// Everything that is wrong now, the worst first.
    pub fn troubles(&self) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        for part in Part::ALL {
            let course = self.course(part);
            let mut add = |ailment, since: Instant| {
                troubles.push(Trouble { part, ailment, lasts: since.elapsed() });
            };
            if let Some((since, fault)) = course.failing {
                add(Ailment::Failing(fault), since);
            }
            if let Some(since) = course.under_way.filter(|since| since.elapsed() >= STALLED_AFTER) {
                add(Ailment::Stalled, since);
            }
            if let Some(since) = course.damaged {
                add(Ailment::Damaged, since);
            }
        }
        troubles
    }

    fn is_failing(&self, part: Part) -> bool {
        self.course(part).failing.is_some()
    }

    fn course(&self, part: Part) -> MutexGuard<'_, Course> {
        let [intake, state] = &*self.courses;
        let course = match part {
            Part::Intake => intake,
            Part::State => state,
        };
        // A panic in between leaves at worst one figure behind.
        course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries what fails again and again, until `stop`.
pub async fn watch(app: Arc<App>, stop: CancellationToken) {
    let mut look = tokio::time::interval(PROBE_EVERY);
    loop {
        tokio::select! {
            _ = look.tick() => {}
            () = stop.cancelled() => return,
        }
        follow_clock(&app).await;
        for part in Part::ALL {
            if !app.health.is_failing(part) {
                continue;
            }
            let probed = match part {
                Part::Intake => app.store.probe_intake().await,
                Part::State => app.store.probe_state().await,
            };
            match probed {
                Ok(()) => app.health.went_well(part),
                Err(error) => {
                    tracing::warn!(part = part.id(), %error, "the database still cannot be written")
                }
            }
        }
    }
}

/// When the system's clock was set, moves what waits with it, so that it waits as long as it was meant to: parts of
/// long messages, retries, leases. What has a date of its own (an expiry) keeps it.
pub(crate) async fn follow_clock(app: &App) {
    let Some(jump_us) = app.clock.take_jump_us() else { return };
    metrics::counter!("canhgiac_clock_jumps_total").increment(1);
    tracing::warn!(seconds = jump_us / 1_000_000, "the system's clock was set; what waits moves with it");
    if let Err(error) = app.store.clock_was_set(jump_us, app.clock.now_us()).await {
        tracing::error!(%error, "what waits could not be moved with the clock: it may wait too long or too short");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> StoreError {
        StoreError::Directory(std::io::ErrorKind::StorageFull.into())
    }

    #[test]
    fn trouble_lasts_from_its_first_sign_until_something_went_well() {
        let health = Health::default();
        health.begins(Part::Intake);
        assert!(health.troubles().is_empty(), "a commit may take a moment");
        health.went_wrong(Part::Intake, &full());
        if let Some((since, _)) = &mut health.course(Part::Intake).failing {
            *since -= Duration::from_secs(3);
        }
        health.went_wrong(Part::Intake, &full());
        health.went_wrong(Part::State, &StoreError::Conflict);
        let troubles = health.troubles();
        assert_eq!(troubles.len(), 1, "{troubles:?}");
        assert_eq!(troubles[0].ailment, Ailment::Failing(Fault::DiskFull));
        assert_eq!(troubles[0].lasts.as_secs(), 3);
        assert!(troubles[0].stops() && troubles[0].in_words().contains("đã đầy"));
        health.went_well(Part::Intake);
        assert!(health.troubles().is_empty());
    }

    #[test]
    fn a_commit_that_does_not_end_stands_still_and_damage_stays_known() {
        let health = Health::default();
        health.begins(Part::State);
        health.went_wrong(Part::Intake, &StoreError::Corrupt("meta"));
        health.course(Part::State).under_way = Some(Instant::now() - STALLED_AFTER);
        health.went_well(Part::Intake);
        let ids: Vec<_> = health.troubles().iter().map(|one| (one.part, one.ailment.id())).collect();
        assert_eq!(ids, [(Part::Intake, "damaged"), (Part::State, "commit_stalled")]);
        health.went_well(Part::State);
        assert_eq!(health.troubles().len(), 1);
        assert!(!health.troubles()[0].stops());
    }
}
