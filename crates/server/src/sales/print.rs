//! Printing on the till's own printer.

use aisle_db::Sql;
use aisle_domain::receipt::Lang;
use uuid::Uuid;

use crate::catalog::Store;
use crate::http::Actor;
use crate::{App, Error, Result, codes};

use super::receipt::{self, Style};
use super::{blind_return_slip, return_slip};

/// What is printed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Document {
    /// The receipt of this order.
    Sale(Uuid),
    /// The slip of this return.
    Return(Uuid),
    /// The slip of this return without a receipt.
    BlindReturn(Uuid),
}

impl Document {
    /// Counts one more print; the first of a sale is no reprint.
    async fn count_print(self, app: &App, store: &Store) -> Result<i64> {
        let (table, column, id) = match self {
            Document::Sale(id) => ("orders", "reprints", id),
            Document::Return(id) => ("order_returns", "prints", id),
            Document::BlindReturn(id) => ("blind_returns", "prints", id),
        };
        let update = format!("UPDATE {table} SET {column} = {column} + 1 WHERE store_id = ");
        aisle_db::transact!(app.db, |tx| {
            Sql::new(&update)
                .arg(store.id.get())
                .push(" AND id = ")
                .arg(id)
                .push(" RETURNING ")
                .push(column)
                .opt_number(tx)
                .await?
                .ok_or_else(|| Error::code(&codes::NOT_FOUND))
        })
    }
}

/// One print.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) document: Document,
    pub(super) lang: Lang,
    pub(super) open_drawer: bool,
}

/// Prints a document; answers how often it was printed now.
pub(super) async fn print(app: &App, store: &Store, actor: &Actor, job: &Job) -> Result<i64> {
    let (address, width) = receipt::printer(app, actor).await?;
    let prints = job.document.count_print(app, store).await?;
    // A print again is no sale: the drawer has a call, and a permission, of its own.
    let till = actor.terminal()?.no;
    let drawer_of = (job.open_drawer && prints == 1).then_some(till);
    let lang = job.lang;
    let style = Style { width, lang };
    let slip = match job.document {
        Document::Sale(id) => receipt::slip(app, store, id, style, drawer_of).await?,
        Document::Return(id) => return_slip::slip(app, store, id, style, drawer_of).await?,
        Document::BlindReturn(id) => {
            blind_return_slip::slip(app, store, id, style, drawer_of).await?
        }
    };
    receipt::send(&address, &slip.bytes).await?;
    Ok(prints)
}
