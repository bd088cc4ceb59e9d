//! Who sold in the demo shop: two tills, and colleagues of the cashier whom nobody signs in as.

use std::sync::Arc;

use aisle_domain::identity::Role;
use aisle_domain::ids::{TerminalId, UserId};
use aisle_domain::time::Instant;

use crate::catalog::Store;
use crate::http::{Actor, Terminal, User};
use crate::identity::{self, NewTerminal, NewUser, Rights};
use crate::sales::demo::{self, Cast};
use crate::{App, Result};

/// The last one is the hasty one.
const COLLEAGUES: [(&str, &str); 4] = [
    ("zhang.min", "张敏"),
    ("chen.hao", "陈浩"),
    ("zhou.yan", "周燕"),
    ("zhao.lei", "赵磊"),
];
const TILLS: [&str; 2] = ["1 号收银台", "2 号收银台"];

/// Lets them sell until now; answers how many orders there are.
pub(super) async fn sell(app: &App, store: &Arc<Store>, now: Instant) -> Result<usize> {
    colleagues(app, store).await?;
    let mut tills = Vec::with_capacity(TILLS.len());
    for (no, name) in (1..).zip(TILLS) {
        let new = NewTerminal {
            store_id: store.id,
            name,
            kind: "pos",
            actor: "seed",
        };
        let (id, _) = identity::enrol(app, new).await?;
        tills.push(Arc::new(Terminal {
            id: TerminalId(id),
            no,
            name: name.to_owned(),
            kind: "pos".to_owned(),
            store_id: store.id,
        }));
    }
    let people = identity::people_names(app.db.read_fresh()).await?;
    let actor = |username: &str, role: Role, at: usize| {
        let person = people.iter().find(|person| person.username == username);
        person.map(|person| Actor {
            user: Some(Arc::new(User {
                id: UserId(person.id),
                username: person.username.clone(),
                name: person.name.clone(),
                store_id: store.id,
            })),
            terminal: Some(tills[at % tills.len()].clone()),
            rights: Rights::of(role, store.id).into(),
            ..Actor::system(store.id)
        })
    };
    let names = std::iter::once("cashier").chain(COLLEAGUES.map(|(username, _)| username));
    let cast = Cast {
        cashiers: names
            .enumerate()
            .filter_map(|(at, username)| actor(username, Role::Cashier, at))
            .collect(),
        manager: actor("manager", Role::Manager, 0).unwrap_or_else(|| Actor::system(store.id)),
    };
    demo::sell_until(app, store, &cast, now).await
}

/// Their password is nobody's: it was drawn and forgotten.
async fn colleagues(app: &App, store: &Store) -> Result<()> {
    let hash = identity::hash_password(&crate::clock::new_token("demo"))?;
    let now = app.clock.now();
    aisle_db::transact!(app.db, |tx| {
        for (username, name) in COLLEAGUES {
            if identity::user_exists(tx, username).await? {
                continue;
            }
            let user = NewUser {
                username,
                name,
                password_hash: hash.clone(),
                role: Role::Cashier.as_str(),
                store_id: store.id,
                demo: false,
                phone: "",
                pin_hash: None,
            };
            identity::insert_user(tx, &user, now).await?;
        }
        Ok(())
    })
}
