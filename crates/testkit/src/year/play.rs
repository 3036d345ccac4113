//! Playing a year: pulls, the bell's looks when its timer would wake it, and everything that disturbs them.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskbell_domain::UtcMs;
use deskbell_domain::ticket::{AccountId, ProviderKind, TicketId};
use deskbell_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use deskbell_engine::alerts::{next_look, raise_due, show_unshown};
use deskbell_engine::sabotage::Sabotage;
use deskbell_engine::sla_watch::{SLEEP_MS_MAX, recompute_stale};
use deskbell_engine::{Engine, EngineError};
use deskbell_store::NewAccount;
use deskbell_store::failpoint::Moment as Death;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use tempfile::TempDir;

use super::history::{self, BEGIN, PULL_EVERY_MS, Story, What};
use super::oracle::{self, Moment, Office};
use super::{Report, Size, verdict};
use crate::{FakeClock, Machine};

/// Commits within which an armed kill falls.
const KILL_COMMITS_MAX: u64 = 12;
/// Looks at one instant; more is a spin.
const SPINS_MAX: u32 = 1_000;

/// Everything that was done, for the verdict.
pub(super) struct Played {
    pub(super) machine: Machine,
    pub(super) engine: Arc<Engine>,
    pub(super) ids: BTreeMap<TicketId, usize>,
    /// Wall time of each look.
    pub(super) looks: Vec<UtcMs>,
    /// For each ticket: from which look on which moments stand.
    pub(super) versions: Vec<Vec<(usize, Vec<Moment>)>>,
    /// How many notifications had been shown when each run of the program began.
    pub(super) runs: Vec<usize>,
    _dir: TempDir,
}

struct World {
    size: Size,
    rng: SmallRng,
    dir: TempDir,
    machine: Machine,
    clock: Arc<FakeClock>,
    /// `None` only while the program is started anew.
    engine: Option<Arc<Engine>>,
    account: AccountId,
    fault: Option<Sabotage>,
    office: Office,
    stories: Vec<Story>,
    /// The time of the servers; the desk's clock is it plus the offset.
    now: UtcMs,
    offset_ms: i64,
    /// Happenings by when they can be seen: ticket and place.
    coming: Vec<(UtcMs, usize, usize)>,
    next_coming: usize,
    heard: Vec<usize>,
    /// What the last pull brought: ticket, first new happening, how many in all.
    page: Vec<(usize, usize, usize)>,
    taken_in: BTreeMap<usize, Vec<(UtcMs, UtcMs)>>,
    looks: Vec<UtcMs>,
    versions: Vec<Vec<(usize, Vec<Moment>)>>,
    runs: Vec<usize>,
    report: Report,
}

/// Plays a year and judges it.
///
/// # Errors
/// When a world cannot be made; what is wrong with the alerts is in the report.
pub async fn run(size: Size, fault: Option<Sabotage>) -> Result<Report, EngineError> {
    let mut world = World::start(size, fault)?;
    world.play().await?;
    let World { machine, engine, stories, looks, versions, runs, dir, report, account, .. } = world;
    let engine = engine.ok_or_else(|| EngineError::new(deskbell_domain::Code::Internal))?;
    let mut ids = BTreeMap::new();
    for number in 0..stories.len() {
        if let Some(id) = engine.store().ticket_id(account, &history::remote_id(number))? {
            ids.insert(id, number);
        }
    }
    Ok(verdict::judge(&Played { machine, engine, ids, looks, versions, runs, _dir: dir }, report))
}

/// Memory where there is some: the disk's answer to a thousand commits a second is not what is tried here.
fn scratch() -> Result<TempDir, EngineError> {
    let shared = std::path::Path::new("/dev/shm");
    let made = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
    made.map_err(|error| EngineError::with_detail(deskbell_domain::Code::Storage, error.to_string()))
}

impl World {
    fn start(size: Size, fault: Option<Sabotage>) -> Result<Self, EngineError> {
        let clock = FakeClock::at(BEGIN);
        let machine = Machine::new(Arc::<FakeClock>::clone(&clock));
        let dir = scratch()?;
        let engine = machine.open(dir.path())?;
        engine.store().put_setting("policies", &oracle::policies().to_string())?;
        let account = engine.store().add_account(
            &NewAccount {
                kind: ProviderKind::Hub,
                name: "year".to_owned(),
                endpoint: "http://127.0.0.1:1/".to_owned(),
                user: "year".to_owned(),
                demo: false,
            },
            BEGIN,
        )?;
        drop(engine);
        let engine = machine.open(dir.path())?;
        engine.sabotage(fault);
        let stories = history::draw(size);
        let mut coming: Vec<(UtcMs, usize, usize)> = Vec::new();
        for (number, story) in stories.iter().enumerate() {
            coming.extend(story.happenings.iter().enumerate().map(|(place, happening)| (happening.visible_at, number, place)));
        }
        coming.sort_unstable();
        let report = Report { events: coming.len(), ..Report::default() };
        let tickets = stories.len();
        Ok(Self {
            size,
            rng: SmallRng::seed_from_u64(size.seed ^ 0x5eed),
            dir,
            machine,
            clock,
            engine: Some(engine),
            account,
            fault,
            office: Office::read(),
            stories,
            now: BEGIN,
            offset_ms: 0,
            coming,
            next_coming: 0,
            heard: vec![0; tickets],
            page: Vec::new(),
            taken_in: BTreeMap::new(),
            looks: Vec::new(),
            versions: vec![Vec::new(); tickets],
            runs: vec![0],
            report,
        })
    }

    async fn play(&mut self) -> Result<(), EngineError> {
        // A while longer, so that what is open at the end of the year comes due.
        let end = BEGIN.plus_ms((self.size.days + 10) * DAY_MS);
        let mut disruptions: Vec<UtcMs> = (0..self.size.disruptions)
            .map(|_| BEGIN.plus_ms(self.rng.random_range(0..(self.size.days + 5) * 24 * 60) * MINUTE_MS + 17 * SECOND_MS))
            .collect();
        disruptions.sort_unstable();
        let mut disruptions = disruptions.into_iter().peekable();
        let mut next_pull = BEGIN;
        let mut spins = 0;
        while self.now < end {
            let wake = self.wake().await?;
            let before = self.now;
            let mut next = next_pull.min(wake).min(end);
            if let Some(at) = disruptions.next_if(|at| *at <= next) {
                self.move_to(at.max(self.now));
                self.disturb().await?;
                continue;
            }
            next = next.max(self.now);
            spins = if next == before { spins + 1 } else { 0 };
            if spins > SPINS_MAX {
                self.report.fault(format!("the bell spins at {}", self.now.to_rfc3339()));
                return Ok(());
            }
            self.move_to(next);
            let pulls = next >= next_pull;
            if pulls {
                while next_pull <= next {
                    next_pull = next_pull.plus_ms(PULL_EVERY_MS);
                }
            }
            self.step(pulls).await?;
        }
        Ok(())
    }

    /// When the bell's timer would wake it next, by the time of the servers. Its long sleeps with nothing due are left out.
    async fn wake(&mut self) -> Result<UtcMs, EngineError> {
        let wall = self.now.plus_ms(self.offset_ms);
        let due = match next_look(&self.engine()?).await {
            Ok(due) => due,
            Err(error) if !self.engine()?.store().is_dead() => return Err(error),
            Err(_) => {
                self.restart().await?;
                next_look(&self.engine()?).await?
            }
        };
        let wait_ms = due.map_or(i64::MAX / 4, |due| due.ms_since(wall)).max(0);
        // As the timer does, the bell looks a little late.
        Ok(self.now.plus_ms(wait_ms.saturating_add(5)))
    }

    fn engine(&self) -> Result<Arc<Engine>, EngineError> {
        self.engine.clone().ok_or_else(|| EngineError::new(deskbell_domain::Code::Internal))
    }

    fn move_to(&mut self, to: UtcMs) {
        self.now = to;
        let wall = to.plus_ms(self.offset_ms);
        use deskbell_engine::ports::Clock as _;
        self.clock.advance_ms(wall.ms_since(self.clock.now()));
    }

    /// Pulls, if it is time, computes clocks, looks. Killed in the middle it is done again by the next run of the program.
    async fn step(&mut self, pulls: bool) -> Result<(), EngineError> {
        let look = self.looks.len();
        if pulls {
            self.hear(look);
        }
        loop {
            let done = self.try_step(pulls).await;
            if self.engine()?.store().is_dead() {
                self.restart().await?;
                continue;
            }
            done?;
            break;
        }
        self.looks.push(self.now.plus_ms(self.offset_ms));
        self.report.looks += 1;
        Ok(())
    }

    async fn try_step(&mut self, pulls: bool) -> Result<(), EngineError> {
        if pulls {
            self.report.pulls += 1;
            let page = history::page(&self.stories, &self.page);
            if !page.tickets.is_empty() {
                let (account, now) = (self.account, self.engine()?.now());
                self.engine()?.read(move |store| store.apply_page(account, &page, &[], "next", true, now)).await?;
            }
        }
        recompute_stale(&self.engine()?).await?;
        raise_due(&self.engine()?).await?;
        Ok(())
    }

    /// What the server shows by now becomes known from this look on.
    fn hear(&mut self, look: usize) {
        let mut touched: BTreeMap<usize, usize> = BTreeMap::new();
        let mut changed: Vec<usize> = Vec::new();
        while let Some((at, number, place)) = self.coming.get(self.next_coming).copied() {
            if at > self.now {
                break;
            }
            self.next_coming += 1;
            touched.entry(number).or_insert(self.heard[number]);
            self.heard[number] = self.heard[number].max(place + 1);
            changed.push(number);
            let happening = self.stories[number].happenings[place];
            if let What::MergedInto(into) = happening.what {
                self.taken_in.entry(into).or_default().push((happening.at, self.stories[number].created()));
                changed.push(into);
            }
        }
        self.page = touched.into_iter().map(|(number, from)| (number, from, self.heard[number])).collect();
        changed.sort_unstable();
        changed.dedup();
        for number in changed {
            if self.heard[number] == 0 {
                continue;
            }
            let taken_in = self.taken_in.get(&number).map_or(&[][..], Vec::as_slice);
            let moments = oracle::moments(&self.office, number, &self.stories[number], self.heard[number], taken_in);
            self.versions[number].push((look, moments));
        }
    }

    async fn disturb(&mut self) -> Result<(), EngineError> {
        match self.rng.random_range(0..5) {
            0 => {
                self.restart().await?;
                self.report.restarts += 1;
            }
            1 | 2 => {
                let moment = if self.rng.random_bool(0.5) { Death::BeforeCommit } else { Death::AfterCommit };
                self.engine()?.store().die_at_commit(self.rng.random_range(1..=KILL_COMMITS_MAX), moment);
                self.report.kills += 1;
            }
            3 => {
                self.report.sleeps += 1;
                let asleep_ms = self.rng.random_range(2..14 * 60) * MINUTE_MS;
                self.move_to(self.now.plus_ms(asleep_ms));
                // The bell may look before the network is back, or after.
                let pulls = self.rng.random_bool(0.5);
                self.step(pulls).await?;
            }
            _ => {
                let offset_ms =
                    if self.rng.random_bool(0.5) { 0 } else { self.rng.random_range(-3 * HOUR_MS..=8 * HOUR_MS) / 1_000 * 1_000 };
                if offset_ms < self.offset_ms {
                    self.report.steps_back += 1;
                } else {
                    self.report.steps_forward += 1;
                }
                self.offset_ms = offset_ms;
                let noticed_ms = self.rng.random_range(0..=SLEEP_MS_MAX);
                self.move_to(self.now.plus_ms(i64::try_from(noticed_ms).unwrap_or_default()));
                self.step(false).await?;
            }
        }
        Ok(())
    }

    /// The program is gone, and started again by somebody.
    async fn restart(&mut self) -> Result<(), EngineError> {
        self.engine = None;
        let engine = self.machine.open(self.dir.path())?;
        engine.sabotage(self.fault);
        self.runs.push(self.machine.notifier.shown_count());
        let shown = show_unshown(&engine).await;
        self.engine = Some(engine);
        shown
    }
}
