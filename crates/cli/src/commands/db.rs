//! `deskctl db`.

use deskbell_domain::Code;
use deskbell_engine::EngineError;
use deskbell_engine::records::Store;

use crate::args::{Arguments, DbCommand};
use crate::output::Output;
use crate::session;

pub(crate) async fn run(arguments: &Arguments, command: &DbCommand, output: &Output) -> Result<(), EngineError> {
    let engine = session::open(arguments)?;
    match command {
        DbCommand::Check => {
            let report = engine.read(Store::check).await?;
            output
                .answer(&report, || if report.ok { vec!["The database is sound.".to_owned()] } else { report.problems.clone() });
            if report.ok { Ok(()) } else { Err(EngineError::new(Code::DatabaseCorrupt)) }
        }
        DbCommand::Stats => {
            let stats = engine.read(Store::stats).await?;
            output.answer(&stats, || {
                vec![format!(
                    "{} tickets, {} notes, {} operations, {} bytes",
                    stats.tickets, stats.notes, stats.operations, stats.bytes
                )]
            });
            Ok(())
        }
    }
}
