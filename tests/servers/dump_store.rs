//! Prints every ticket of a data directory with its notes, one JSON object a line, for comparison with what the
//! server says. The vault is opened with `DESKBELL_PASSPHRASE`.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use deskbell_domain::UtcMs;
use deskbell_domain::filter::{TicketFilter, TicketOrder};
use deskbell_store::{Store, vault};

const ROWS_A_PAGE: u32 = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: dump_store DIR")?);
    let now = UtcMs(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?);
    let store = Store::open(&dir, &vault::unlock(&dir, &std::env::var("DESKBELL_PASSPHRASE")?)?, now)?;
    let mut out = std::io::stdout().lock();
    let mut start = 0;
    loop {
        let page = store.ticket_rows(&TicketFilter::default(), TicketOrder::Created, start, ROWS_A_PAGE)?;
        for row in &page.rows {
            let line = serde_json::json!({ "ticket": store.ticket(row.id)?, "notes": store.notes(row.id)? });
            writeln!(out, "{line}")?;
        }
        start += u64::from(ROWS_A_PAGE);
        if start >= page.total {
            return Ok(());
        }
    }
}
