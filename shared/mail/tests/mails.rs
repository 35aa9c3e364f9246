//! Every mail, rendered in every language with kind and hostile values, and sent through the local cloud's mailbox.

use std::{error::Error, sync::LazyLock, time::Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ses::config::{Credentials, SharedCredentialsProvider};
use domain::{
    Currency, Language, Money, Pii,
    change::{Actor, Way},
    collection::{CollectionMail, CollectionNotice},
    comment::{Author, Comment},
    customer::{Customer, CustomerFacts, EmailAddress},
    declaration::{DeclarationKind, Typed},
    document::{DocumentType, OfferAnswer, Said},
    id::{CancellationId, CommentId, CustomerId, EndpointId, PaymentId, TenantId},
    link::Scope,
    mail_template::{MailKind, MailText, Placeholder},
    otp::Code,
    paper::PaymentMail,
    payment::{Method, Named, NewPayment, Payment, Purpose, Standing},
    payment_method::Month,
    subscription::{Cancellation, ContractNotice, Declared, Party, Phase, Rest, Side, Subscription, SubscriptionFacts},
    tenant::{Area, BankAccount, Company, ContractWord, Picture, Recipients, Right, Settings},
    time::{Interval, IntervalUnit, Zone},
};
use jiff::{
    Timestamp,
    civil::{date, time},
};
use local::{ACCESS_KEY, Cloud, CloudOptions, SECRET_KEY};
use mail::{
    Attachment, ContractMail, Debit, DeclarationNotice, DocumentMail, DocumentTold, DocumentValues, EmailChangeNotice,
    EmailChangedNotice, EndpointNotice, ErasureNotice, LinkValues, MailError, Mailer, MethodEnds, OtpMail,
    PaymentNotice, ReleasedMail, Rendered, Sender, UnknownAddressMail, Values, Whose, built_in_text, check_text,
    render_answer, render_answer_told, render_cancelled, render_collection, render_comment, render_comment_told,
    render_contract, render_declaration, render_email_change, render_email_changed, render_endpoint_disabled,
    render_erasure_requested, render_method_ends, render_otp, render_payment, render_released, render_unknown_address,
};
use mail_parser::MessageParser;

type Outcome = Result<(), Box<dyn Error>>;

const HOSTILE: &str =
    "*x* <b>y</b> {{ code }} [z](https://evil.example)\r\nBcc: victim@example.org\n\n@evil.example #000000\u{202e}";
const LONG: &str = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

/// A tenant and a customer with names of one sort.
fn settings(name: &str) -> Result<Settings, Box<dyn Error>> {
    let company = Company {
        name: name.to_owned(),
        street: "Musterweg 1".into(),
        postal_code: "12345".into(),
        city: "Musterhausen".into(),
        email: Some("service@webhosting-ag.example".parse()?),
        bank: Some(BankAccount {
            holder: name.to_owned(),
            iban: "DE02800200400088844422".into(),
            bic: "MUSTDEMMXXX".into(),
            bank: "Mega Bank AG".into(),
        }),
        ..Company::default()
    };
    let mut settings = Settings { name: name.to_owned(), company, ..Settings::default() };
    settings.branding.logo = Some(Picture { file: "logo-0a1b.png".into(), width: 120, height: 40 });
    Ok(settings)
}

fn sender(settings: &Settings, language: Language, sandbox: bool) -> Sender<'_> {
    Sender { settings, origin: "https://webhosting-ag.localhost:9000", sandbox, language }
}

fn code() -> Code {
    Code::from_random(482_193, 6)
}

fn otp(sender: Sender<'_>, greeting_name: &str) -> Result<Rendered, mail::BrokenTemplate> {
    render_otp(&OtpMail { sender, greeting_name, code: &code(), valid_until: time(14, 41, 0, 0) })
}

fn endpoint_disabled(sender: Sender<'_>, description: &str) -> Result<Rendered, mail::BrokenTemplate> {
    let id = EndpointId::new(Timestamp::UNIX_EPOCH, [1; 10]);
    let (host, failing_since) = ("hooks.example", date(2026, 12, 16));
    render_endpoint_disabled(&EndpointNotice { sender, id: &id, host, description, failing_since })
}

/// A payment whose texts are of one sort; with more invoices than a mail names.
fn payment(purpose: Purpose, text: &str) -> Result<Payment, Box<dyn Error>> {
    let now = Timestamp::UNIX_EPOCH;
    let new = NewPayment {
        id: PaymentId::new(now, [1; 10]),
        customer: CustomerId::new(now, [2; 10]),
        purpose,
        method: Method::BankTransfer,
        provider: None,
        saved: None,
        account: "00001008".parse()?,
        amount: Money::of_minor(123_450, Currency::Eur),
        deposit: Some("4319201612161244".into()),
        language: Language::De,
    };
    let mut payment = Payment::start(new, Actor::Customer, now)?.into_parts().0;
    let number: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    for index in 0..7 {
        let number = if index == 0 && !number.is_empty() { number.clone() } else { format!("RE{index}") };
        let invoice = Named { number: number.parse()?, issued_on: date(2026, 11, 1) };
        payment.standing.push(Standing { invoice, amount: payment.asked });
    }
    Ok(payment)
}

fn top_up(text: &str) -> Result<Payment, Box<dyn Error>> {
    payment(Purpose::TopUp { reference_text: text.to_owned() }, "")
}

fn about(
    sender: Sender<'_>,
    mail: PaymentMail,
    greeting_name: &str,
    payment: &Payment,
) -> Result<Rendered, mail::BrokenTemplate> {
    let (amount, on) = (payment.asked, date(2026, 12, 16));
    render_payment(&PaymentNotice { sender, mail, greeting_name, payment, amount, on })
}

/// Every mail there is, those about payments for both purposes.
fn all(sender: Sender<'_>, greeting_name: &str) -> Result<Vec<Rendered>, Box<dyn Error>> {
    let mut mails = vec![otp(sender, greeting_name)?, render_unknown_address(&UnknownAddressMail { sender })?];
    mails.push(endpoint_disabled(sender, greeting_name)?);
    let (customer_number, requested_on) = (greeting_name, date(2026, 12, 16));
    mails.push(render_erasure_requested(&ErasureNotice { sender, customer_number, requested_on })?);
    let invoices = payment(Purpose::Invoices { named: vec![] }, greeting_name)?;
    for payment in [top_up(greeting_name)?, invoices] {
        for mail in PaymentMail::ALL {
            mails.push(about(sender, mail, greeting_name, &payment)?);
        }
    }
    for mail in CollectionMail::ALL {
        mails.push(collecting(sender, mail, greeting_name, greeting_name)?);
    }
    let until = Month { year: 2026, month: 11 };
    mails.push(render_method_ends(&MethodEnds { sender, greeting_name, method: greeting_name, until })?);
    let scopes = [
        Scope::Portal,
        Scope::Contract { subscription: "V1".parse()? },
        Scope::Document { kind: DocumentType::Invoice, number: "RE 7/2026".parse()? },
        Scope::Pay { invoice: "RE 7/2026".parse()? },
        Scope::AddMethod { methods: vec![] },
    ];
    for scope in &scopes {
        mails.push(link(sender, greeting_name, scope)?);
    }
    for mail in MailKind::all() {
        let text = built_in_text(mail, sender.language)?;
        mails.push(worded(sender, mail, &text, &values(mail, greeting_name))?);
    }
    for kind in [DeclarationKind::Cancel, DeclarationKind::Withdraw] {
        mails.push(declared(sender, kind)?);
    }
    let contract = contract(greeting_name)?;
    let about = ContractMail { sender, greeting_name, contract: &contract, access: true };
    for by in [Actor::Customer, Actor::Integrator] {
        mails.push(render_cancelled(&about, &cancellation(by))?);
    }
    for notice in [ContractNotice::TakenBack, ContractNotice::Paused, ContractNotice::Resumed] {
        mails.push(render_contract(&about, notice)?);
    }
    mails.push(email_change(sender)?);
    mails.push(email_changed(sender, greeting_name)?);
    for by in [Author::Customer, Author::Staff] {
        mails.push(commented(sender, &comment(by, greeting_name))?);
    }
    for said in
        [Said::Accepted { name: greeting_name.to_owned().into() }, Said::Declined { reason: reason(greeting_name) }]
    {
        mails.extend(answered(sender, greeting_name, said)?);
    }
    Ok(mails)
}

fn reason(words: &str) -> Pii<String> {
    format!("Zu teuer.\n{words}").into()
}

/// The answer to an offer, to both sides. It came when in Berlin it was the 23rd already.
fn answered(sender: Sender<'_>, name: &str, said: Said) -> Result<[Rendered; 2], Box<dyn Error>> {
    let at = Timestamp::from_second(1_795_390_205)?;
    let answer = OfferAnswer { said, at, zone: Zone::default(), way: Way::Page };
    let (customer, total) = (customer(name)?, Some(Money::of_minor(11_900, Currency::Eur)));
    let mail = DocumentMail { sender, greeting_name: name, document: OFFER, access: true };
    let told = DocumentTold { sender, customer: &customer, document: OFFER };
    Ok([render_answer(&mail, &answer, total)?, render_answer_told(&told, &answer, total)?])
}

#[test]
fn an_answer_is_confirmed_to_both_sides_with_its_time_and_its_name() -> Outcome {
    let settings = settings("Webhosting AG")?;
    for (language, at, by, total) in [
        (
            Language::De,
            "am 23.11.2026 um 00:30:05\u{a0}Uhr",
            "Angenommen von: Frau *Tine*",
            "Gesamtbetrag: 119,00\u{a0}€",
        ),
        (Language::En, "on 23\u{a0}Nov\u{a0}2026 at 00:30:05", "Accepted by: Frau *Tine*", "Total: €119.00"),
    ] {
        let sender = sender(&settings, language, false);
        let accepted = Said::Accepted { name: "Frau *Tine*".to_owned().into() };
        for mail in answered(sender, "Example GmbH", accepted)? {
            for part in [at, by, total, "AN 7/2026"] {
                assert!(mail.text.contains(part), "{part} is missing in {}", mail.text);
            }
            assert!(!mail.html.contains("<em>Tine"), "{}", mail.html);
        }
        let [mail, told] = answered(sender, "Example GmbH", Said::Declined { reason: reason("*Später*") })?;
        assert!(!mail.text.contains("Zu teuer") && !mail.text.contains(by), "{}", mail.text);
        assert!(told.text.contains("> Zu teuer.\n> *Später*") && told.text.contains("K5003"), "{}", told.text);
    }
    Ok(())
}

const OFFER: (DocumentType, &str) = (DocumentType::Offer, "AN 7/2026");

/// A comment of two lines whose words are of one sort.
fn comment(by: Author, words: &str) -> Comment {
    Comment {
        id: CommentId::new(Timestamp::UNIX_EPOCH, [1; 10]),
        by,
        name: words.to_owned().into(),
        text: format!("Guten Tag,\n\n{words}\n{words}").into(),
        written_at: Timestamp::UNIX_EPOCH,
    }
}

/// To the other side, of a customer with a company of the same sort.
fn commented(sender: Sender<'_>, comment: &Comment) -> Result<Rendered, Box<dyn Error>> {
    Ok(match comment.by {
        Author::Customer => {
            let customer = customer(&comment.name)?;
            render_comment_told(&DocumentTold { sender, customer: &customer, document: OFFER }, comment)?
        }
        Author::Staff => {
            let greeting_name = comment.name.as_str();
            render_comment(&DocumentMail { sender, greeting_name, document: OFFER, access: true }, comment)?
        }
    })
}

fn customer(company: &str) -> Result<Customer, Box<dyn Error>> {
    Ok(Customer {
        number: "K5003".parse()?,
        access: true,
        created_at: Timestamp::UNIX_EPOCH,
        default_method: None,
        default_address: None,
        facts: CustomerFacts { company: company.to_owned().into(), ..CustomerFacts::default() },
    })
}

#[test]
fn a_comment_is_quoted_line_by_line_and_links_nowhere() -> Outcome {
    let settings = settings("Webhosting AG")?;
    for (by, whom, page) in [
        (Author::Staff, "Frau Petersen hat Ihnen zu Angebot AN 7/2026 geschrieben", true),
        (Author::Customer, "Frau Petersen (Kunde K5003) hat zu Angebot AN 7/2026 geschrieben", false),
    ] {
        let mut comment = comment(by, "Frau Petersen");
        comment.text = "Gern.\n\n*Siehe* <b>https://evil.example</b>\n@evil.example #000000".to_owned().into();
        let mail = commented(sender(&settings, Language::De, false), &comment)?;
        assert!(mail.text.contains(whom), "{}", mail.text);
        let quote = "> Gern.\n> \n> *Siehe* <b>https: //evil.example</b>\n> @evil.example #000000";
        assert!(mail.text.contains(quote), "{}", mail.text);
        assert!(mail.html.contains("Gern.<br") && mail.html.contains("*Siehe* &lt;b&gt;"), "{}", mail.html);
        assert!(!mail.html.contains("<em>Siehe") && !mail.html.contains("evil.example\""), "{}", mail.html);
        assert_eq!(mail.text.contains("/documents/offer/AN~207~2F2026"), page, "{}", mail.text);
    }
    let comment = comment(Author::Staff, "");
    let sender = sender(&settings, Language::De, false);
    let closed = DocumentMail { sender, greeting_name: "", document: OFFER, access: false };
    let mail = render_comment(&closed, &comment)?;
    assert!(mail.text.contains("Webhosting AG hat Ihnen") && !mail.text.contains("/documents/"), "{}", mail.text);
    Ok(())
}

/// A contract whose plan is of one sort, paused for December.
fn contract(plan: &str) -> Result<Subscription, Box<dyn Error>> {
    let facts = SubscriptionFacts {
        plan: plan.to_owned(),
        concluded_on: date(2026, 3, 1),
        starts_on: date(2026, 3, 1),
        party: Party::Consumer,
        minimum_until: None,
        renewal: None,
        notice: None,
        interval: Interval { count: 1, unit: IntervalUnit::Month },
        price: Money::of_minor(1_591, Currency::Eur),
        phase: Phase::Active,
        next_invoice: None,
        components: Vec::new(),
    };
    let rest = Some(Rest::Paused { since: date(2026, 12, 1), until: Some(date(2026, 12, 31)), by: Side::Customer });
    let declared = Declared { rest, ..Declared::default() };
    Ok(Subscription { number: "V 1".parse()?, payment_method: None, declared, facts })
}

/// It came when in Berlin it was the 23rd already.
fn cancellation(by: Actor) -> Cancellation {
    let declared_at = Timestamp::from_second(1_795_390_205).unwrap_or(Timestamp::UNIX_EPOCH);
    Cancellation {
        id: CancellationId::new(declared_at, [1; 10]),
        declared_at,
        declared_on: date(2026, 11, 23),
        ends_on: date(2026, 12, 31),
        by,
        reason: "Umzug".to_owned().into(),
    }
}

#[test]
fn the_mail_of_a_cancellation_says_when_it_came_and_when_the_contract_ends() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let contract = contract("Webhosting *Basis* <b>")?;
    for (language, came, ends, page) in [
        (
            Language::De,
            "Ihre Kündigung ist am 23.11.2026 um 00:30:05\u{a0}Uhr bei uns eingegangen",
            ["Vertrag Nr. V 1: Webhosting *Basis* <b>", "Vertragsende: 31.12.2026"],
            "zurücknehmen",
        ),
        (
            Language::En,
            "your cancellation reached us on 23\u{a0}Nov\u{a0}2026 at 00:30:05",
            ["Contract no. V 1: Webhosting *Basis* <b>", "Ends on: 31\u{a0}Dec\u{a0}2026"],
            "take the cancellation back",
        ),
    ] {
        let sender = sender(&settings, language, false);
        let about = ContractMail { sender, greeting_name: "", contract: &contract, access: true };
        let mail = render_cancelled(&about, &cancellation(Actor::Customer))?;
        for part in ends.iter().chain(&[came, page, "https://webhosting-ag.localhost:9000/contracts/V~201"]) {
            assert!(mail.text.contains(part), "{part} is missing in {}", mail.text);
        }
        assert!(!mail.html.contains("<b>") && !mail.html.contains("<em>Basis"), "{}", mail.html);
        // The reason is for the paper alone.
        assert!(!mail.text.contains("Umzug"), "{}", mail.text);
        let by_staff = render_cancelled(&about, &cancellation(Actor::Integrator))?;
        for part in ends {
            assert!(by_staff.text.contains(part), "{part} is missing in {}", by_staff.text);
        }
        for part in [came, page, "00:30"] {
            assert!(!by_staff.text.contains(part), "{part} stands in {}", by_staff.text);
        }
    }
    Ok(())
}

#[test]
fn a_mail_about_a_contract_leads_only_where_its_customer_may_go() -> Outcome {
    let mut settings = settings("Webhosting AG")?;
    settings.contract_word = ContractWord::Subscription;
    let contract = contract("Webhosting Basis")?;
    let on = |settings: &Settings, access: bool| -> Result<String, Box<dyn Error>> {
        let sender = sender(settings, Language::De, false);
        let about = ContractMail { sender, greeting_name: "", contract: &contract, access };
        Ok(render_cancelled(&about, &cancellation(Actor::Customer))?.text)
    };
    let open = on(&settings, true)?;
    assert!(open.contains("Abonnement Nr. V 1") && !open.contains("Vertrag Nr."), "{open}");
    assert!(open.contains("/contracts/") && open.contains("zurücknehmen"), "{open}");
    let without_access = on(&settings, false)?;
    settings.areas.0.insert(Area::TakeBack, Right::Off);
    let for_good = on(&settings, true)?;
    assert!(for_good.contains("/contracts/") && !for_good.contains("zurücknehmen"), "{for_good}");
    settings.areas.0.insert(Area::TakeBack, Right::Change);
    settings.areas.0.insert(Area::Contracts, Right::Off);
    for closed in [without_access, on(&settings, true)?] {
        assert!(!closed.contains("/contracts/") && !closed.contains("zurücknehmen"), "{closed}");
    }
    Ok(())
}

#[test]
fn a_pause_is_told_with_its_days_where_they_are_known() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let mut contract = contract("Webhosting Basis")?;
    let told = |contract: &Subscription, language, notice| {
        let sender = sender(&settings, language, false);
        render_contract(&ContractMail { sender, greeting_name: "", contract, access: true }, notice)
    };
    let paused = told(&contract, Language::De, ContractNotice::Paused)?;
    for part in ["Erster Tag der Pause: 01.12.2026", "Letzter Tag der Pause: 31.12.2026", "endet die Pause von selbst"]
    {
        assert!(paused.text.contains(part), "{part} is missing in {}", paused.text);
    }
    assert!(paused.subject.contains("Vertrag Nr. V 1 ist pausiert"), "{}", paused.subject);
    contract.declared.rest = Some(Rest::Running { since: date(2027, 1, 1) });
    let resumed = told(&contract, Language::En, ContractNotice::Resumed)?;
    assert!(resumed.text.contains("Running again since: 1\u{a0}Jan\u{a0}2027"), "{}", resumed.text);
    contract.declared.rest = None;
    for notice in [ContractNotice::Paused, ContractNotice::Resumed, ContractNotice::TakenBack] {
        let bare = told(&contract, Language::De, notice)?;
        assert!(!bare.text.contains("Tag der Pause") && !bare.text.contains("seit:"), "{}", bare.text);
    }
    Ok(())
}

fn email_change(sender: Sender<'_>) -> Result<Rendered, mail::BrokenTemplate> {
    let url = format!("{}/data/email/confirm/token?language=de", sender.origin);
    render_email_change(&EmailChangeNotice { sender, url, until: date(2026, 12, 16).at(14, 41, 0, 0) })
}

fn email_changed(sender: Sender<'_>, greeting_name: &str) -> Result<Rendered, Box<dyn Error>> {
    let (to, at) = ("tine@example.net".parse()?, date(2026, 12, 16).at(14, 41, 0, 0));
    Ok(render_email_changed(&EmailChangedNotice { sender, greeting_name, to: &to, at })?)
}

#[test]
fn another_login_address_is_asked_without_a_name_and_told_to_the_one_before_masked() -> Outcome {
    let mut settings = settings("Webhosting AG")?;
    settings.company.phone = "0441 123456".to_owned();
    for (language, until, whom) in [
        (Language::De, "16.12.2026, 14:41\u{a0}Uhr", "Telefon: 0441 123456"),
        (Language::En, "16\u{a0}Dec\u{a0}2026, 14:41", "Phone: 0441 123456"),
    ] {
        let asked = email_change(sender(&settings, language, false))?;
        assert!(asked.text.contains("/data/email/confirm/token") && asked.text.contains(until), "{}", asked.text);
        assert!(asked.html.contains("/data/email/confirm/token?language=de\""), "{}", asked.html);
        let told = email_changed(sender(&settings, language, false), "Frau Exemplus Tine")?;
        for part in ["t•••@example.net", until, whom, "Frau Exemplus Tine"] {
            assert!(told.text.contains(part), "{part} is missing in {}", told.text);
        }
        assert!(![&told.text, &told.html].iter().any(|part| part.contains("tine@example.net")), "{}", told.text);
    }
    settings.company.phone.clear();
    settings.company.email = None;
    let told = email_changed(sender(&settings, Language::De, false), "")?;
    assert!(told.text.contains("sofort bei uns.") && !told.text.contains("Telefon:"), "{}", told.text);
    Ok(())
}

fn declared(sender: Sender<'_>, kind: DeclarationKind) -> Result<Rendered, mail::BrokenTemplate> {
    let received = date(2026, 12, 16).at(14, 41, 5, 0);
    let typed = Typed {
        reason: "Störung\nseit Mai".to_owned().into(),
        name: "Tine <b>Exemplus</b>".to_owned().into(),
        identity: "K5003".to_owned().into(),
        contract: "https://evil.example/ *jetzt* klicken".to_owned().into(),
        email: "tine@example.org".to_owned().into(),
        ..Typed::fresh(String::new())
    };
    let statement = typed.statement(kind).unwrap_or_else(|flaws| panic!("{flaws:?}"));
    render_declaration(&DeclarationNotice { sender, statement: &statement, received })
}

#[test]
fn a_confirmation_says_what_came_and_when() -> Outcome {
    let settings = settings("Webhosting AG")?;
    for (language, kind, words) in [
        (Language::De, DeclarationKind::Cancel, ["Ihre Kündigung ist eingegangen", "16.12.2026", "14:41:05\u{a0}Uhr"]),
        (Language::De, DeclarationKind::Withdraw, ["Ihr Widerruf ist eingegangen", "16.12.2026", "14:41:05\u{a0}Uhr"]),
        (Language::En, DeclarationKind::Cancel, ["your cancellation", "16\u{a0}Dec\u{a0}2026", "14:41:05"]),
        (Language::En, DeclarationKind::Withdraw, ["your withdrawal", "16\u{a0}Dec\u{a0}2026", "14:41:05"]),
    ] {
        let mail = declared(sender(&settings, language, false), kind)?;
        assert!(mail.subject.contains(words[0]), "{}", mail.subject);
        assert!(words.iter().all(|word| mail.text.contains(word)), "{}", mail.text);
        // What was typed is there, as text, and nothing of it is a link.
        assert!(mail.text.contains("Tine <b>Exemplus</b>") && mail.text.contains("klicken"), "{}", mail.text);
        assert!(!mail.html.contains("<b>Exemplus") && !mail.html.contains("<em>jetzt"), "{}", mail.html);
        assert!(![&mail.text, &mail.html].iter().any(|part| part.contains("https://evil")), "{}", mail.html);
        assert_eq!(mail.text.contains("Störung seit Mai"), kind == DeclarationKind::Cancel, "{}", mail.text);
    }
    Ok(())
}

#[test]
fn every_mail_leads_to_the_public_pages_unless_they_are_off() -> Outcome {
    let mut settings = settings("Webhosting AG")?;
    let addresses = ["https://webhosting-ag.localhost:9000/cancel", "https://webhosting-ag.localhost:9000/withdraw"];
    for is_on in [true, false] {
        if !is_on {
            settings.areas.0.insert(Area::Declarations, Right::Off);
        }
        for mail in all(sender(&settings, Language::De, false), "Frau Exemplus Tine")? {
            for address in addresses {
                assert_eq!(mail.text.contains(&format!(": {address}")), is_on, "{}", mail.text);
                assert_eq!(mail.html.contains(&format!("href=\"{address}\"")), is_on, "{}", mail.html);
            }
            assert_eq!(mail.text.contains("Verträge hier kündigen"), is_on, "{}", mail.text);
        }
    }
    Ok(())
}

/// How many of all mails lead to a page of an area. A link that opens something by itself is none of them.
fn leading_to(settings: &Settings, pages: &[&str]) -> Result<usize, Box<dyn Error>> {
    let mut count = 0;
    for language in Language::ALL {
        let sender = sender(settings, language, false);
        let named = payment(Purpose::Invoices { named: vec![] }, "")?;
        let mut mails = all(sender, "Frau Exemplus Tine")?;
        for mail in CollectionMail::ALL {
            mails.push(collecting(sender, mail, "", "")?);
        }
        mails.push(about(sender, PaymentMail::PaymentFailed, "", &named)?);
        let leads = |mail: &Rendered| {
            let paths = mail.text.lines().filter_map(|line| line.trim().strip_prefix(sender.origin));
            paths.filter(|path| !path.contains("/link/")).any(|path| pages.iter().any(|page| path.starts_with(page)))
        };
        for mail in mails.iter().filter(|mail| leads(mail)) {
            let page = pages.iter().find(|page| mail.html.contains(&format!("href=\"{}{page}", sender.origin)));
            assert!(page.is_some(), "text and HTML differ: {}", mail.html);
            count += 1;
        }
    }
    Ok(count)
}

#[test]
fn no_mail_leads_to_an_area_that_is_off() -> Outcome {
    for (area, pages) in [
        (Area::Payments, &["/payments/", "/prepaid"][..]),
        (Area::Invoices, &["/invoices"][..]),
        (Area::PaymentMethods, &["/payment-methods"][..]),
    ] {
        let mut settings = settings("Webhosting AG")?;
        assert!(leading_to(&settings, pages)? >= 2, "some mail in each language leads to {pages:?}");
        settings.areas.0.insert(area, Right::Off);
        assert_eq!(leading_to(&settings, pages)?, 0, "{pages:?}");
    }
    // What a mail asks for must be allowed, too.
    let mut settings = settings("Webhosting AG")?;
    settings.areas.0.insert(Area::PaymentMethods, Right::View);
    assert_eq!(leading_to(&settings, &["/payment-methods"])?, 0);
    Ok(())
}

fn link(sender: Sender<'_>, greeting_name: &str, scope: &Scope) -> Result<Rendered, mail::BrokenTemplate> {
    let (mail, url) = (MailKind::of_link(scope), format!("{}{}", sender.origin, scope.path("token")));
    let values =
        Values { greeting_name: greeting_name.to_owned(), ..Values::of_link(scope, url, Some(date(2026, 12, 16))) };
    worded(sender, mail, &built_in_text(mail, sender.language)?, &values)
}

fn worded(
    sender: Sender<'_>,
    mail: MailKind,
    text: &MailText,
    values: &Values,
) -> Result<Rendered, mail::BrokenTemplate> {
    render_released(&ReleasedMail { sender, mail, text, values })
}

/// Everything that a mail can tell; names and numbers are of one sort.
fn values(mail: MailKind, text: &str) -> Values {
    let sample = Values::sample(mail, "https://webhosting-ag.localhost:9000", date(2026, 11, 16));
    let document = sample.document.map(|document| DocumentValues { number: text.to_owned(), ..document });
    let text = text.to_owned();
    Values { customer_number: text.clone(), customer_name: text.clone(), greeting_name: text, document, ..sample }
}

const INVOICE: MailKind = MailKind::Document(DocumentType::Invoice);

#[test]
fn a_mail_with_a_link_says_what_it_opens_and_until_when() -> Outcome {
    let settings = settings("Webhosting AG")?;
    for (scope, subject, path) in [
        (Scope::Portal, "Ihr Kundencenter", "/link/token"),
        (Scope::Contract { subscription: "V1".parse()? }, "Vertrag Nr. V1", "/link/token"),
        (Scope::Document { kind: DocumentType::Invoice, number: "RE1".parse()? }, "Rechnung RE1", "/d/token"),
        (Scope::Pay { invoice: "RE1".parse()? }, "Rechnung RE1 bezahlen", "/pay/token"),
        (Scope::AddMethod { methods: vec![] }, "Zahlungsmethode hinterlegen", "/payment-methods/link/token"),
    ] {
        let mail = link(sender(&settings, Language::De, false), "", &scope)?;
        assert!(mail.subject.contains(subject), "{}", mail.subject);
        assert!(mail.text.contains(path) && mail.text.contains("16.12.2026"), "{}", mail.text);
        assert!(mail.html.contains(&format!("{path}?language=de\"")), "{}", mail.html);
    }
    Ok(())
}

#[test]
fn both_spellings_of_every_placeholder_say_the_same_in_every_mail() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let sender = sender(&settings, Language::De, false);
    for mail in MailKind::all() {
        let known = || Placeholder::ALL.iter().copied().filter(move |placeholder| placeholder.is_known_to(mail));
        let body = |spelled: fn(Placeholder, MailKind) -> String| {
            let lines: Vec<String> = known().map(|placeholder| format!("- {}\n", spelled(placeholder, mail))).collect();
            MailText::typed("{CompanyName}", &lines.concat())
        };
        let (braced, bracketed) = (body(|placeholder, _| placeholder.braced()), body(Placeholder::bracketed));
        let values = values(mail, "K5003");
        let (one, other) = (worded(sender, mail, &braced, &values)?, worded(sender, mail, &bracketed, &values)?);
        assert_eq!((check_text(&braced, mail), &one.text), (Ok(()), &other.text));
        let said = one.text.lines().filter(|line| line.starts_with("- ")).count();
        assert_eq!(said, known().count(), "{}: {}", mail.code(), one.text);
    }
    Ok(())
}

#[test]
fn a_tenants_words_stand_in_both_parts_with_their_links() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let text = MailText::typed(
        "Re. {DocumentNumber} \\{wichtig\\}",
        "{Greeting},\n\nhier ist **Ihre** Rechnung über [Invoice.gross].\n\n[Rechnung ansehen]({SelfServicePortalUrl})\n\n\
         [Auf Englisch]([Invoice.customerportal_url]?language=en), [bei uns](https://example.org)\n\n\
         {SelfServicePortalUrl}?language=en.\n\nHaben Sie {PayUrl}?\n\n`[Invoice.number]` \\{x\\}",
    );
    assert_eq!(check_text(&text, INVOICE), Ok(()));
    let sender = sender(&settings, Language::De, false);
    let mail = worded(sender, INVOICE, &text, &values(INVOICE, "RE 7/2026"))?;
    assert_eq!(mail.subject, "Re. RE 7/2026 {wichtig}");
    let origin = "https://webhosting-ag.localhost:9000";
    for part in [
        "Guten Tag RE 7/2026,\n\nhier ist Ihre Rechnung über 15,91\u{a0}€.",
        &format!("Rechnung ansehen: {origin}/link/example\n"),
        &format!("Auf Englisch: {origin}/d/example?language=en, bei uns: https://example.org\n"),
        &format!("\n{origin}/link/example?language=en.\n"),
        &format!("Haben Sie {origin}/pay/example?\n"),
        "RE 7/2026 {x}",
    ] {
        assert!(mail.text.contains(part), "{part} is missing in {}", mail.text);
    }
    for part in [
        "<strong>Ihre</strong> Rechnung",
        &format!("<a href=\"{origin}/link/example\" rel=\"noopener noreferrer\">Rechnung ansehen</a>"),
        &format!("<a href=\"{origin}/d/example?language=en\" rel=\"noopener noreferrer\">Auf Englisch</a>"),
        &format!("<a href=\"{origin}/link/example?language=en\""),
        &format!("<a href=\"{origin}/pay/example\" rel=\"noopener noreferrer\">{origin}/pay/example</a>?"),
        "<code>RE 7/2026</code> {x}",
    ] {
        assert!(mail.html.contains(part), "{part} is missing in {}", mail.html);
    }
    Ok(())
}

#[test]
fn what_a_value_looks_like_it_stays_text() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let body = "{CustomerName}\n\n- {CustomerName}\n\n**[Client.name]**\n\n[{CustomerName}]({PayUrl})\n\n`{CustomerName}`\n\n\
                    {CustomerName}\n\n{CustomerName}(https://example.org)\n\n<b>{CustomerName}";
    let text = MailText::typed("{CustomerName}", body);
    for value in [
        "*x* _y_ `z`",
        "# x",
        "- x",
        "1. x",
        "    x",
        "> x",
        "[x](https://evil.example)",
        "[x]: https://evil.example",
        "<https://evil.example>",
        "<b>x</b><script>alert(1)</script>",
        "https://evil.example",
        "{{ tenant_name }}{% raw %}",
        "{PayUrl} [Invoice.pay_url] \u{f0000}",
        "#set page(fill: red) $x$ @evil \\ &amp;",
        "x\r\nBcc: victim@example.org\n\n# y",
    ] {
        let mail = worded(sender(&settings, Language::De, false), INVOICE, &text, &values(INVOICE, value))?;
        let flat = value.replace(['\r', '\n'], " ");
        let flat = flat.trim();
        let escaped = flat.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert_eq!(mail.subject, flat);
        assert!(mail.text.matches(flat).count() >= 8, "{value}: {}", mail.text);
        assert!(mail.html.matches(escaped.as_str()).count() >= 8, "{value}: {}", mail.html);
        let content = mail.html.split(" content\"").nth(1).ok_or("the frame has its content")?;
        for tag in ["<script", "<b>", "<h1", "href=\"https://evil", "<blockquote"] {
            assert!(!content.contains(tag), "{value}: {tag} in {content}");
        }
    }
    Ok(())
}

#[test]
fn what_has_no_value_takes_its_paragraph_along() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let text = MailText::typed(
        "{DocumentNumber}",
        "Anfang\n\nHier bezahlen:\n{PayUrl}\n\n- Fällig: {DueDate}\n- Offen: {OpenAmount}\n\nEnde [x]({DocumentUrl}) {Contact}",
    );
    let whole = values(INVOICE, "RE1");
    let links = LinkValues { pay: String::new(), document: String::new(), ..whole.links.clone() };
    let document = whole.document.clone().map(|document| DocumentValues { due_on: None, ..document });
    let bare = Values { links, document, ..whole.clone() };
    let sender = sender(&settings, Language::De, false);
    let (whole, bare) = (worded(sender, INVOICE, &text, &whole)?, worded(sender, INVOICE, &text, &bare)?);
    assert!(whole.text.starts_with("Anfang\n\nHier bezahlen:\nhttps://"), "{}", whole.text);
    assert!(whole.text.contains("- Fällig: 30.11.2026\n- Offen: 15,91\u{a0}€\n\nEnde x: https://"), "{}", whole.text);
    assert!(bare.text.starts_with("Anfang\n\n- Offen: 15,91\u{a0}€\n\n-- \n"), "{}", bare.text);
    assert!(!bare.html.contains("Hier bezahlen") && !bare.html.contains("Fällig"), "{}", bare.html);
    Ok(())
}

#[test]
fn words_that_were_not_checked_become_no_mail() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let sender = sender(&settings, Language::De, false);
    for (subject, body) in [("{{ tenant_name }}", "x"), ("x", "{% include 'frame.html' %}"), ("x", "{DunningLevel}")] {
        let text = MailText::typed(subject, body);
        let error = worded(sender, INVOICE, &text, &values(INVOICE, "secret")).err().ok_or("it was rendered")?;
        assert!(error.to_string().contains("line 1, column 1") && !error.to_string().contains("secret"), "{error}");
    }
    Ok(())
}

#[test]
fn the_inbox_shows_the_first_words() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let mail = link(sender(&settings, Language::En, false), "Ms Tine", &Scope::Portal)?;
    assert!(mail.html.contains(">Hello Ms Tine, this leads to: your customer portal.</div>"), "{}", mail.html);
    Ok(())
}

/// A mail about collecting an invoice; its optional parts are there when `text` is not empty.
fn collecting(
    sender: Sender<'_>,
    mail: CollectionMail,
    greeting_name: &str,
    text: &str,
) -> Result<Rendered, Box<dyn Error>> {
    let invoice = Named { number: "RE 7/2026".parse()?, issued_on: date(2026, 11, 1) };
    let amount = Money::of_minor(123_450, Currency::Eur);
    let on = (mail != CollectionMail::CollectionGivenUp).then(|| date(2026, 12, 16));
    let notice = CollectionNotice { mail, invoice, amount, on, method: None };
    let pay_url = if text.is_empty() { String::new() } else { format!("{}/pay/token", sender.origin) };
    let debit = Debit { sender, greeting_name, notice: &notice, method: text, mandate: text, creditor: text, pay_url };
    Ok(render_collection(&debit)?)
}

#[test]
fn an_announcement_says_what_a_debit_needs_and_nothing_empty() -> Outcome {
    let settings = settings("Webhosting AG")?;
    for (language, words) in [
        (
            Language::De,
            ["1.234,50\u{a0}€", "16.12.2026", "Mandatsreferenz: MREF-1", "Gläubiger-Identifikationsnummer: MREF-1"],
        ),
        (
            Language::En,
            ["€1,234.50", "16\u{a0}Dec\u{a0}2026", "Mandate reference: MREF-1", "Creditor identifier: MREF-1"],
        ),
    ] {
        let sender = sender(&settings, language, false);
        let mail = collecting(sender, CollectionMail::CollectionAnnounced, "Frau Exemplus Tine", "MREF-1")?;
        for part in words.iter().chain(&["RE 7/2026", "https://webhosting-ag.localhost:9000/invoices/RE~207~2F2026"]) {
            assert!(mail.text.contains(part), "{part} is missing in {}", mail.text);
        }
        let bare = collecting(sender, CollectionMail::CollectionAnnounced, "", "")?;
        for label in ["Mandat", "Gläubiger", "Creditor", "Zahlungsmethode:", "Payment method:"] {
            assert!(!bare.text.contains(label), "{label} stands in {}", bare.text);
        }
        let given_up = collecting(sender, CollectionMail::CollectionGivenUp, "", "")?;
        assert!(!given_up.text.contains("/pay/") && given_up.text.contains("/invoices/"), "{}", given_up.text);
        let with_link = collecting(sender, CollectionMail::CollectionGivenUp, "", "x")?;
        assert!(with_link.text.contains("/pay/token") && with_link.html.contains("/pay/token"), "{}", with_link.html);
    }
    Ok(())
}

#[test]
fn every_mail_is_whole_in_every_language_with_every_value() -> Outcome {
    for (tenant, customer) in [("Webhosting AG", "Frau Exemplus Tine"), (LONG, LONG), (HOSTILE, HOSTILE), ("A", "")] {
        let settings = settings(tenant)?;
        for language in Language::ALL {
            for mail in all(sender(&settings, language, false), customer)? {
                assert!(!mail.subject.is_empty() && !mail.subject.contains(['\r', '\n']), "{}", mail.subject);
                assert!(mail.subject.chars().count() <= 200);
                for part in [&mail.text, &mail.html] {
                    assert!(!part.contains("{{") || tenant == HOSTILE, "{part}");
                    assert!(!part.contains("\\*") && part.contains("/imprint"), "{part}");
                }
                assert!(mail.html.contains(&format!("lang=\"{}\"", language.code())));
                assert!(!mail.html.contains("<b>") && !mail.html.contains("href=\"https://evil"), "{}", mail.html);
                assert!(!mail.text.lines().any(|line| line.trim_start().starts_with("@evil")), "{}", mail.text);
            }
        }
    }
    Ok(())
}

#[test]
fn the_code_stands_in_subject_and_text_and_its_last_line_is_bound_to_the_host() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let mail = otp(sender(&settings, Language::De, false), "Frau Exemplus Tine")?;
    assert_eq!(mail.subject, "Webhosting AG: 482 193 ist Ihr Anmeldecode");
    assert_eq!(mail.text.lines().last(), Some("@webhosting-ag.localhost #482193"));
    assert!(
        mail.text.contains("Guten Tag Frau Exemplus Tine") && mail.text.contains("14:41\u{a0}Uhr"),
        "{}",
        mail.text
    );
    assert!(mail.html.contains("<pre><code>482 193"), "{}", mail.html);
    assert!(mail.html.contains("12345 Musterhausen") && mail.html.contains("logo-0a1b.png"));
    Ok(())
}

#[test]
fn a_name_full_of_signs_is_shown_as_it_is() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let mail = otp(sender(&settings, Language::De, false), "*x* <b>")?;
    assert!(mail.text.contains("Guten Tag *x* <b>,"), "{}", mail.text);
    assert!(mail.html.contains("Guten Tag *x* &lt;b&gt;,"), "{}", mail.html);
    Ok(())
}

#[test]
fn a_deposit_request_says_everything_that_a_transfer_needs() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let payment = top_up("Vorgang 4711")?;
    for (language, amount, number) in [
        (Language::De, "Betrag: 1.234,50\u{a0}€", "Verwendungszweck: 4319201612161244"),
        (Language::En, "Amount: €1,234.50", "Payment reference: 4319201612161244"),
    ] {
        let sender = sender(&settings, language, false);
        let mail = about(sender, PaymentMail::DepositRequest, "Frau Exemplus Tine", &payment)?;
        let address = "https://webhosting-ag.localhost:9000/prepaid/4319201612161244";
        for part in [
            amount,
            number,
            "Webhosting AG",
            "DE02 8002 0040 0088 8444 22",
            "MUSTDEMMXXX",
            "00001008",
            "Vorgang 4711",
            address,
        ] {
            assert!(mail.text.contains(part), "{part} is missing in {}", mail.text);
            assert!(mail.html.replace("&nbsp;", "\u{a0}").contains(part), "{part} is missing in {}", mail.html);
        }
        assert!(mail.html.contains(&format!("href=\"{address}\"")), "{}", mail.html);
        assert!(mail.subject.contains("4319201612161244"), "{}", mail.subject);
    }
    Ok(())
}

#[test]
fn what_a_payment_does_not_have_leaves_no_empty_line() -> Outcome {
    let mut settings = settings("Webhosting AG")?;
    if let Some(bank) = settings.company.bank.as_mut() {
        bank.bic = String::new();
    }
    let mut payment = top_up("")?;
    payment.standing.clear();
    for language in Language::ALL {
        for mail in PaymentMail::ALL {
            let mail = about(sender(&settings, language, false), mail, "", &payment)?;
            for label in ["BIC", "Referenz", "Your reference", "Verwendet für", "Used for"] {
                assert!(!mail.text.contains(label), "{label} stands in {}", mail.text);
            }
            assert!(!mail.text.contains("Guten Tag ,") && !mail.text.contains("Hello ,"), "{}", mail.text);
        }
    }
    Ok(())
}

#[test]
fn a_mail_names_five_invoices_and_counts_the_rest() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let payment = payment(Purpose::Invoices { named: vec![] }, "RE 7/2026")?;
    let mail = about(sender(&settings, Language::De, false), PaymentMail::PaymentReceived, "", &payment)?;
    assert!(mail.text.contains("RE 7/2026, RE1, RE2, RE3, RE4 und 2 weitere"), "{}", mail.text);
    assert!(mail.text.contains(&format!("/payments/{}", payment.id)), "{}", mail.text);
    Ok(())
}

#[tokio::test]
async fn a_mail_with_more_than_its_files_may_weigh_is_refused() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let mut mail = otp(sender(&settings, Language::De, false), "")?;
    let half = || Attachment {
        file_name: "a.pdf".into(),
        content_type: "application/pdf",
        bytes: vec![0; Attachment::MAX_BYTES / 2 + 1],
    };
    mail.attachments.extend([half(), half()]);
    let sent =
        mailer("http://127.0.0.1:9").send(&mail, whose(), &address("tine@example.org")?, Timestamp::UNIX_EPOCH).await;
    assert_eq!(sent, Err(MailError::Refused("more than 7 MB of files".into())));
    mail.attachments.pop();
    let cloud = Cloud::start(CloudOptions::default()).await?;
    mailer(&cloud.ses_url()).send(&mail, whose(), &address("tine@example.org")?, Timestamp::UNIX_EPOCH).await?;
    cloud.stop().await;
    Ok(())
}

#[test]
fn a_test_environment_says_so_in_subject_and_body() -> Outcome {
    let settings = settings("Webhosting AG")?;
    for (language, notice) in [
        (Language::De, "Testumgebung – keine echten Rechnungen und Zahlungen"),
        (Language::En, "Test environment – no real invoices and payments"),
    ] {
        for mail in all(sender(&settings, language, true), "")? {
            assert!([&mail.subject, &mail.text, &mail.html].iter().all(|part| part.contains(notice)), "{mail:?}");
        }
        for mail in all(sender(&settings, language, false), "")? {
            assert!(![&mail.subject, &mail.text, &mail.html].iter().any(|part| part.contains(notice)), "{mail:?}");
        }
    }
    Ok(())
}

fn mailer(endpoint: &str) -> Mailer {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "tests");
    let aws = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build();
    let recipients = Recipients::of_installation("*").unwrap_or_default();
    Mailer::connect(&aws, "portal.example", &recipients)
}

/// Nobody's in particular.
fn whose() -> Whose<'static> {
    static TENANT: LazyLock<TenantId> = LazyLock::new(|| TenantId::new(Timestamp::UNIX_EPOCH, [7; 10]));
    Whose { tenant: &TENANT, customer: None }
}

fn address(text: &str) -> Result<EmailAddress, Box<dyn Error>> {
    Ok(text.parse()?)
}

#[tokio::test]
async fn a_sent_mail_arrives_with_both_parts_and_all_headers() -> Outcome {
    let cloud = Cloud::start(CloudOptions::default()).await?;
    let settings = settings("Webhosting „Ä“ AG")?;
    let mut mail = otp(sender(&settings, Language::De, false), "Frau Exemplus Tine")?;
    let bytes = b"%PDF".to_vec();
    mail.attachments.push(Attachment { file_name: "Übersicht.pdf".into(), content_type: "application/pdf", bytes });
    let now: Timestamp = "2026-11-22T04:05:06Z".parse()?;
    mailer(&cloud.ses_url()).send(&mail, whose(), &address("tine@example.org")?, now).await?;

    let [arrived] = &cloud.mailbox().messages_to("tine@example.org")[..] else { return Err("one mail".into()) };
    assert_eq!(arrived.from, "Webhosting „Ä“ AG <noreply@portal.example>");
    assert_eq!(arrived.subject, mail.subject);
    assert_eq!(arrived.tags, [("tenant".to_owned(), whose().tenant.to_string())]);
    assert_eq!(arrived.text.as_ref(), Some(&mail.text));
    assert!(arrived.html.as_deref().is_some_and(|html| html.contains("482 193")));
    assert_eq!((arrived.attachments[0].name.as_str(), arrived.attachments[0].size), ("Übersicht.pdf", 4));

    let raw = String::from_utf8(arrived.raw().to_vec())?;
    let header =
        |name: &str| raw.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    assert_eq!(header("Date:"), "Sun, 22 Nov 2026 04:05:06 +0000");
    assert_eq!(header("Auto-Submitted:"), "auto-generated");
    assert_eq!(header("Content-Language:"), "de");
    assert_eq!(header("Reply-To:"), "<service@webhosting-ag.example>");
    assert!(header("Message-ID:").ends_with("@portal.example>"));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn no_value_can_begin_a_header() -> Outcome {
    let cloud = Cloud::start(CloudOptions::default()).await?;
    let settings = settings(HOSTILE)?;
    let mut mail = otp(sender(&settings, Language::De, true), HOSTILE)?;
    mail.subject = HOSTILE.to_owned();
    mail.from_name = format!("\"><noreply@evil.example>,\r\nBcc: victim@example.org\r\n\r\n{HOSTILE}");
    mail.headers.push(("X-Reference", HOSTILE.to_owned()));
    let bytes = vec![1];
    mail.attachments.push(Attachment { file_name: HOSTILE.to_owned(), content_type: "application/pdf", bytes });
    mailer(&cloud.ses_url()).send(&mail, whose(), &address("tine@example.org")?, Timestamp::UNIX_EPOCH).await?;

    let all = cloud.mailbox().all();
    assert_eq!((all.len(), all[0].to.as_str()), (1, "tine@example.org"));
    let parsed = MessageParser::default().parse(all[0].raw()).ok_or("a mail")?;
    assert!(parsed.bcc().is_none() && parsed.cc().is_none());
    let names = parsed.headers().iter().map(mail_parser::Header::name);
    let unknown: Vec<_> = names.filter(|name| name.to_lowercase().contains("bcc")).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let from = parsed.from().and_then(|from| from.first()).and_then(|from| from.address());
    assert_eq!(from, Some("noreply@portal.example"));
    assert_eq!(parsed.attachments().count(), 1);
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_international_host_is_written_in_plain_letters() -> Outcome {
    let cloud = Cloud::start(CloudOptions::default()).await?;
    let settings = settings("Webhosting AG")?;
    let mail = otp(sender(&settings, Language::De, false), "")?;
    let mailer = mailer(&cloud.ses_url());
    mailer.send(&mail, whose(), &address("info@müller.example")?, Timestamp::UNIX_EPOCH).await?;
    assert_eq!(cloud.mailbox().all()[0].to, "info@xn--mller-kva.example");
    let refused = mailer.send(&mail, whose(), &address("jörg@example.org")?, Timestamp::UNIX_EPOCH).await;
    assert_eq!(refused, Err(MailError::Refused("address".into())));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_mailbox_that_is_down_or_hangs_is_given_up_in_time() -> Outcome {
    let settings = settings("Webhosting AG")?;
    let mail = otp(sender(&settings, Language::De, false), "")?;
    let to = address("tine@example.org")?;
    let down = mailer("http://127.0.0.1:9").send(&mail, whose(), &to, Timestamp::UNIX_EPOCH).await;
    assert!(matches!(down, Err(MailError::Unavailable(_))));
    // Takes connections and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let before = Instant::now();
    let hanging =
        mailer(&format!("http://{}", listener.local_addr()?)).send(&mail, whose(), &to, Timestamp::UNIX_EPOCH).await;
    assert_eq!(hanging, Err(MailError::Unavailable("timeout".into())));
    assert!(before.elapsed().as_millis() < 3_300, "{:?}", before.elapsed());
    Ok(())
}
