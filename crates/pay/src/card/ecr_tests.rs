use std::sync::{Arc, Mutex as Kept};

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::*;

/// What the terminal does when a frame has come whole.
#[derive(Clone)]
enum Act {
    /// Says that it came damaged.
    SayDamaged,
    /// Takes it and answers.
    Answer(&'static str),
    /// Takes it, sends its answer damaged once, then whole.
    AnswerDamagedFirst(&'static str),
    /// Takes it and hangs up.
    HangUp,
    /// Takes it and keeps silent.
    Silence,
    /// Hangs up without a word.
    Ignore,
}

struct Terminal {
    ecr: Ecr,
    heard: Arc<Kept<Vec<String>>>,
}

/// A terminal that acts by `script`, one act for each frame it hears.
async fn terminal(lrc_base: u8, script: &[Act]) -> Terminal {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = Arc::new(Kept::new(Vec::new()));
    let kept = Arc::clone(&heard);
    let script = script.to_vec();
    tokio::spawn(async move {
        let mut acts = script.into_iter();
        while let Ok((stream, _)) = listener.accept().await {
            converse(stream, lrc_base, &mut acts, &kept).await;
        }
    });
    let settings = EcrSettings {
        address,
        lrc_base,
        ack_within_ms: 300,
        answer_within_ms: 300,
    };
    Terminal {
        ecr: Ecr::new(settings),
        heard,
    }
}

async fn converse(
    mut stream: TcpStream,
    lrc_base: u8,
    acts: &mut impl Iterator<Item = Act>,
    heard: &Kept<Vec<String>>,
) {
    while let Ok(Read::Frame(text)) = frame::read(&mut stream, lrc_base).await {
        heard.lock().unwrap().push(text);
        match acts.next() {
            Some(Act::SayDamaged) => stream.write_all(&[NAK]).await.unwrap(),
            Some(Act::Answer(text)) => {
                stream.write_all(&[ACK]).await.unwrap();
                stream
                    .write_all(&frame::pack(text, lrc_base))
                    .await
                    .unwrap();
                assert_eq!(stream.read_u8().await.unwrap(), ACK);
            }
            Some(Act::AnswerDamagedFirst(text)) => {
                stream.write_all(&[ACK]).await.unwrap();
                let mut packed = frame::pack(text, lrc_base);
                packed[1] ^= 0x01;
                stream.write_all(&packed).await.unwrap();
                assert_eq!(stream.read_u8().await.unwrap(), NAK);
                stream
                    .write_all(&frame::pack(text, lrc_base))
                    .await
                    .unwrap();
            }
            Some(Act::HangUp) => {
                stream.write_all(&[ACK]).await.unwrap();
                return;
            }
            Some(Act::Silence) => {
                stream.write_all(&[ACK]).await.unwrap();
                let _ = stream.read_u8().await;
                return;
            }
            Some(Act::Ignore) | None => return,
        }
    }
}

const APPROVED: &str =
    "SALE|00|approved|ATTEMPT1|1230|123456789012|A1B2C3|000001|000042|T0000001|0307";

fn reference() -> TradeNo {
    TradeNo::parse("ATTEMPT1").unwrap()
}

async fn sale(script: &[Act]) -> Outcome<Approval> {
    let terminal = terminal(0, script).await;
    terminal.ecr.sale(Money::from_fen(1230), &reference()).await
}

fn unknown_code<T: std::fmt::Debug>(outcome: Outcome<T>) -> String {
    match outcome {
        Outcome::Unknown(failure) => failure.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_approved_sale_brings_the_slips_numbers() {
    for lrc_base in [0, 0x7f] {
        let terminal = terminal(lrc_base, &[Act::Answer(APPROVED)]).await;
        let outcome = terminal.ecr.sale(Money::from_fen(1230), &reference()).await;
        let Outcome::Success(approval) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(approval.amount.fen(), 1230);
        assert_eq!(approval.record.rrn(), "123456789012");
        assert_eq!(*terminal.heard.lock().unwrap(), ["SALE|1230|ATTEMPT1"]);
    }
}

#[tokio::test]
async fn a_frame_that_came_damaged_is_sent_again_three_times_at_most() {
    let damaged = Act::SayDamaged;
    let three = [
        damaged.clone(),
        damaged.clone(),
        damaged.clone(),
        Act::Answer(APPROVED),
    ];
    assert!(matches!(sale(&three).await, Outcome::Success(_)));
    let four = terminal(
        0,
        &[damaged.clone(), damaged.clone(), damaged.clone(), damaged],
    )
    .await;
    let outcome = four.ecr.sale(Money::from_fen(1230), &reference()).await;
    assert_eq!(unknown_code(outcome), "bad_line");
    assert_eq!(four.heard.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn an_answer_that_came_damaged_is_asked_for_again() {
    let outcome = sale(&[Act::AnswerDamagedFirst(APPROVED)]).await;
    assert!(matches!(outcome, Outcome::Success(_)));
}

#[tokio::test]
async fn only_a_known_refusal_is_declined() {
    for code in ["51", "55"] {
        let text: &'static str = format!("SALE|{code}|no|ATTEMPT1").leak();
        assert!(
            matches!(sale(&[Act::Answer(text)]).await, Outcome::Declined(_)),
            "{code}"
        );
    }
    for code in ["68", "98", "96", "77", ""] {
        let text: &'static str = format!("SALE|{code}|what|ATTEMPT1").leak();
        assert!(
            matches!(sale(&[Act::Answer(text)]).await, Outcome::Unknown(_)),
            "{code}"
        );
    }
}

#[tokio::test]
async fn what_was_lost_on_the_way_is_unknown_and_not_sent_again() {
    for (act, expected) in [
        (Act::HangUp, "connection"),
        (Act::Silence, "timeout"),
        (Act::Ignore, "connection"),
    ] {
        let terminal = terminal(0, &[act, Act::Answer(APPROVED)]).await;
        let outcome = terminal.ecr.sale(Money::from_fen(1230), &reference()).await;
        assert_eq!(unknown_code(outcome), expected);
        assert_eq!(terminal.heard.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_about_something_else_is_unknown() {
    let other = "SALE|00|approved|ATTEMPT2|1230|123456789012|A1B2C3|000001|000042|T0000001|0307";
    for text in [
        other,
        "VOID|00|approved",
        "SALE",
        "SALE|00|approved|ATTEMPT1",
    ] {
        assert_eq!(
            unknown_code(sale(&[Act::Answer(text)]).await),
            "bad_answer",
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_terminal_remembers_what_became_of_the_last_sale() {
    let ask = async |text: &'static str| {
        let terminal = terminal(0, &[Act::Answer(text)]).await;
        terminal.ecr.query_last(&reference()).await
    };
    let approved =
        ask("LAST|00|ok|ATTEMPT1|1230|123456789012|A1B2C3|000001|000042|T0000001|0307").await;
    assert!(matches!(approved, Outcome::Success(Last::Approved(_))));
    let declined = ask("LAST|51|no money|ATTEMPT1").await;
    assert!(matches!(declined, Outcome::Success(Last::Declined(_))));
    for text in [
        "LAST|25|none",
        "LAST|00|ok|ATTEMPT2|1|1|1|1|1|1|1",
        "LAST|51|no|ATTEMPT2",
    ] {
        assert_eq!(ask(text).await, Outcome::Success(Last::Other), "{text}");
    }
    for text in [
        "LAST|51|no money",
        "LAST|96|fault|ATTEMPT1",
        "LAST|00|ok|ATTEMPT1",
    ] {
        assert!(matches!(ask(text).await, Outcome::Unknown(_)), "{text}");
    }
}

#[tokio::test]
async fn takes_back_gives_back_settles_and_says_how_it_is() {
    let approved = "123456789012|A1B2C3|000001|000042|T0000001|0307";
    let void: &'static str = format!("VOID|00|ok|ATTEMPT2|1230|{approved}").leak();
    let refund: &'static str = format!("REFUND|00|ok|ATTEMPT3|30|{approved}").leak();
    let terminal = terminal(
        0,
        &[
            Act::Answer(APPROVED),
            Act::Answer(void),
            Act::Answer(refund),
            Act::Answer("SETTLE|00|ok|000001|2|2460|1|1230|1|30"),
            Act::Answer("STATUS|00|ready"),
        ],
    )
    .await;
    let number = |text: &str| TradeNo::parse(text).unwrap();
    let Outcome::Success(sold) = terminal.ecr.sale(Money::from_fen(1230), &reference()).await
    else {
        panic!("no sale");
    };
    let voided = terminal.ecr.void(&sold, &number("ATTEMPT2")).await;
    assert!(matches!(voided, Outcome::Success(_)));
    let refunded = terminal
        .ecr
        .refund(&sold.record, Money::from_fen(30), &number("ATTEMPT3"))
        .await;
    assert!(matches!(refunded, Outcome::Success(_)));
    let sum = |count, fen| Sum {
        count,
        amount: Money::from_fen(fen),
    };
    let totals = BatchTotals {
        batch: 1,
        sales: sum(2, 2460),
        voids: sum(1, 1230),
        refunds: sum(1, 30),
    };
    assert_eq!(terminal.ecr.settle().await, Outcome::Success(totals));
    assert_eq!(terminal.ecr.status().await, Outcome::Success(()));
    assert_eq!(
        *terminal.heard.lock().unwrap(),
        [
            "SALE|1230|ATTEMPT1",
            "VOID|000042|ATTEMPT2",
            "REFUND|30|123456789012|ATTEMPT3",
            "SETTLE",
            "STATUS"
        ]
    );
}
