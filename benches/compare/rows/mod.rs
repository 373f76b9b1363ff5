//! What is compared with what. One file a work; a new one adds its rows to [`all`].

mod audit;
mod bulk;
mod change;
mod data;
mod decision;
mod expire;
mod grant;
mod import;
mod library;
mod policy;
mod start;
mod verify;

use crate::Result;
use crate::row::Row;

pub use data::{Case, Data, Place, quoted, text};

/// All rows, the sizes from the smallest. The one that flatness is seen by is no size
/// of its own.
///
/// # Errors
/// Data that cannot be read.
pub fn all(place: &Place, sizes: &[u32]) -> Result<Vec<Row>> {
    let all = sizes.iter().map(|size| place.data(*size)).collect::<Result<Vec<_>>>()?;
    let sized: Vec<&Data> =
        all.iter().filter(|data| data.users != place.flat || all.len() < 3).collect();
    let largest: Vec<&Data> = sized.last().copied().into_iter().collect();
    let mut rows = vec![start::version(place)];
    let mut each = |of: &[&Data], row: &dyn Fn(&Place, &Data) -> Row| {
        rows.extend(of.iter().map(|data| row(place, data)));
    };
    each(&sized, &decision::explain);
    each(&sized, &decision::check);
    each(&largest, &decision::beside_an_open_connection);
    each(&sized, &change::one);
    each(&largest, &change::beside_an_open_connection);
    each(&sized, &grant::short);
    each(&sized, &verify::right_code);
    each(&sized, &expire::nothing_due);
    each(&sized, &expire::a_thousand_due);
    each(&sized, &bulk::live);
    each(&sized, &bulk::coverage);
    each(&sized, &bulk::filtered);
    each(&sized, &bulk::everybody);
    each(&sized, &import::import);
    each(&sized, &policy::apply);
    each(&sized, &audit::verify);
    each(&sized, &audit::check);
    each(&sized, &library::decision);
    each(&sized, &library::change);
    let by_size: Vec<&Data> = all.iter().collect();
    rows.push(decision::flat(place, &by_size));
    rows.push(change::flat(place, &by_size));
    Ok(rows)
}
