//! An invoice's facts as EN 16931 terms (BT-…).

use domain::{
    Money,
    customer::EmailAddress,
    invoice::{Buyer, InvoiceFacts, Line, Period, Seller, TaxCategory, TaxTotal},
    tenant::BankAccount,
};
use en16931::{
    Date, Identifier, Invoice, InvoiceAmount, InvoiceLine, InvoiceNote, Percentage, Quantity, UnitPriceAmount,
    invoice::{
        Contact, CreditTransfer, Delivery, DocumentTotals, Item, LineVat, Party, PaymentInstructions, PaymentMeans,
        Period as Days, PostalAddress, PriceDetails, VatBreakdown,
    },
    profiles,
};

use crate::{NotAnEInvoice, Source, open};

/// UNTDID 1001: commercial invoice.
const COMMERCIAL_INVOICE: &str = "380";
/// UNTDID 4461: SEPA credit transfer, and credit transfer in other currencies.
const SEPA_TRANSFER: &str = "58";
const OTHER_TRANSFER: &str = "30";
/// EAS: e-mail address.
const EMAIL: &str = "EM";
/// Said in the XML too, so that a test invoice is never booked by a machine.
const SANDBOX_NOTE: &str =
    "Testumgebung – keine echten Rechnungen und Zahlungen / Test environment – no real invoices or payments";

/// UNTDID 4461: as the parties agreed, where no account is named.
const AGREED: &str = "ZZZ";

/// BT-23, which XRechnung wants: an invoice without an order before it in the network.
const BILLING: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";

/// By whose rules the terms are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// The European standard itself.
    En16931,
    /// XRechnung, a narrower reading of it (KoSIT, version 3.0).
    XRechnung,
}

pub(crate) fn invoice(source: Source<'_>, terms: Terms) -> Result<Invoice, NotAnEInvoice> {
    let facts = source.facts;
    let outside_vat = facts.taxes.iter().any(|total| total.category == TaxCategory::O);
    let mut invoice = Invoice::default();
    let profile = match terms {
        Terms::En16931 => &profiles::EN16931,
        Terms::XRechnung => &profiles::XRECHNUNG,
    };
    invoice.specification_id = Some(profile.specification_id.to_owned());
    invoice.business_process = (terms == Terms::XRechnung).then(|| BILLING.to_owned());
    invoice.number = Some(source.number.as_str().to_owned());
    invoice.issue_date = Some(date(facts.issued_on)?);
    invoice.type_code = Some(COMMERCIAL_INVOICE.into());
    invoice.currency = Some(facts.currency().code().into());
    invoice.due_date = Some(date(facts.due_on)?);
    invoice.buyer_reference = text(&facts.buyer_reference);
    invoice.contract_reference = facts.subscription.as_ref().map(|number| number.as_str().into());
    invoice.notes = notes(source);
    invoice.seller = seller(&facts.seller, source.register, outside_vat);
    invoice.buyer = buyer(facts, outside_vat);
    invoice.delivery = delivery(facts)?;
    invoice.invoicing_period = invoicing_period(facts, terms)?;
    let open = open(facts).map_err(value)?;
    invoice.payment = payment(source, open, terms);
    invoice.vat_breakdown = facts.taxes.iter().map(|total| breakdown(total, terms)).collect::<Result<_, _>>()?;
    invoice.lines = facts.lines.iter().enumerate().map(|(index, it)| line(index + 1, it)).collect::<Result<_, _>>()?;
    invoice.totals = DocumentTotals {
        line_total: amount(facts.net)?,
        taxable_total: amount(facts.net)?,
        vat_total: Some(amount(facts.tax)?),
        gross_total: amount(facts.gross)?,
        paid: facts.settled_before.map(|settled| amount(settled.amount)).transpose()?,
        due: amount(open)?,
        ..DocumentTotals::default()
    };
    Ok(invoice)
}

fn notes(source: Source<'_>) -> Vec<InvoiceNote> {
    let sandbox = source.sandbox.then(|| InvoiceNote::new(SANDBOX_NOTE));
    sandbox.into_iter().chain(text(&source.facts.note).map(InvoiceNote::new)).collect()
}

/// BG-4. BR-O-02 forbids VAT ids on invoices outside the scope of VAT.
fn seller(seller: &Seller, register: &str, outside_vat: bool) -> Party {
    let vat_id = text(&seller.vat_id).filter(|_| !outside_vat);
    let mut party = Party {
        name: text(&seller.name),
        tax_registration: text(&seller.tax_number),
        additional_legal_information: text(register),
        electronic_address: electronic_address(seller.email.as_ref()),
        address: PostalAddress {
            line1: text(&seller.street),
            post_code: text(&seller.postal_code),
            city: text(&seller.city),
            country: seller.country.as_ref().map(|code| code.as_str().into()),
            ..PostalAddress::default()
        },
        contact: Contact {
            name: text(&seller.name).filter(|_| !seller.phone.is_empty() || seller.email.is_some()),
            phone: text(&seller.phone),
            email: seller.email.as_ref().map(|email| email.as_str().to_owned()),
        },
        ..Party::default()
    };
    if vat_id.is_none() {
        // BR-CO-26 wants BT-29, BT-30 or BT-31: sellers without a VAT id are identified by their tax number.
        party.identifiers.extend(text(&seller.tax_number).map(Identifier::new));
    }
    party.vat_identifier = vat_id;
    party
}

/// BG-7.
fn buyer(facts: &InvoiceFacts, outside_vat: bool) -> Party {
    let buyer = &facts.buyer;
    Party {
        name: text(buyer.name()),
        identifiers: vec![Identifier::new(facts.customer.as_str())],
        vat_identifier: text(&buyer.vat_id).filter(|_| !outside_vat),
        electronic_address: electronic_address(buyer.email.as_ref()),
        address: buyer_address(buyer),
        contact: Contact { name: text(&buyer.person).filter(|_| !buyer.company.is_empty()), ..Contact::default() },
        ..Party::default()
    }
}

fn buyer_address(buyer: &Buyer) -> PostalAddress {
    PostalAddress {
        line1: text(&buyer.line1),
        line2: text(&buyer.line2),
        line3: text(&buyer.line3),
        post_code: text(&buyer.postal_code),
        city: text(&buyer.city),
        country: buyer.country.as_ref().map(|code| code.as_str().into()),
        ..PostalAddress::default()
    }
}

/// BG-13. BR-IC-12 wants the country of delivery for supplies inside the European Union.
fn delivery(facts: &InvoiceFacts) -> Result<Option<Delivery>, NotAnEInvoice> {
    let intra = facts.taxes.iter().any(|total| total.category == TaxCategory::K);
    let delivery = Delivery {
        date: facts.delivered_on.map(date).transpose()?,
        address: intra.then(|| buyer_address(&facts.buyer)),
        ..Delivery::default()
    };
    Ok((delivery != Delivery::default()).then_some(delivery))
}

/// BG-14: the invoice's own period, else from the first to the last day of its lines' periods. XRechnung wants none of those
/// to reach beyond it (PEPPOL-EN16931-R110, R111).
fn invoicing_period(facts: &InvoiceFacts, terms: Terms) -> Result<Option<Days>, NotAnEInvoice> {
    let lines = || facts.lines.iter().filter_map(|line| line.period);
    let needed = facts.period.is_some() || facts.delivered_on.is_none();
    let period = match (facts.period, terms) {
        (Some(own), Terms::En16931) => Some(own),
        (own, _) => spanned(own.into_iter().chain(lines())).filter(|_| needed),
    };
    period.map(days).transpose()
}

fn spanned(periods: impl Iterator<Item = Period> + Clone) -> Option<Period> {
    let from = periods.clone().map(|period| period.from).min()?;
    let to = periods.map(|period| period.to).max()?;
    Some(Period { from, to })
}

/// BG-16, which XRechnung wants in every invoice (BR-DE-1).
fn payment(source: Source<'_>, open: Money, terms: Terms) -> Option<PaymentInstructions> {
    let bank = source.facts.seller.bank.as_ref();
    match terms {
        Terms::En16931 => bank.filter(|_| open.is_positive()).map(|bank| transfer(bank, source)),
        Terms::XRechnung => Some(bank.map_or_else(agreed, |bank| transfer(bank, source))),
    }
}

fn agreed() -> PaymentInstructions {
    PaymentInstructions { means_code: Some(AGREED.into()), ..PaymentInstructions::default() }
}

fn transfer(bank: &BankAccount, source: Source<'_>) -> PaymentInstructions {
    let sepa = source.facts.currency() == domain::Currency::Eur;
    let account = CreditTransfer {
        account_identifier: text(&bank.iban),
        account_name: text(&bank.holder),
        provider_identifier: text(&bank.bic),
    };
    PaymentInstructions {
        means_code: Some(if sepa { SEPA_TRANSFER } else { OTHER_TRANSFER }.into()),
        remittance_information: Some(source.number.as_str().to_owned()),
        means: Some(PaymentMeans::CreditTransfer(vec![account])),
        ..PaymentInstructions::default()
    }
}

/// BG-23. XRechnung wants the rate outside the scope of VAT, too (BR-DE-14): it is 0.
fn breakdown(total: &TaxTotal, terms: Terms) -> Result<VatBreakdown, NotAnEInvoice> {
    let LineVat { category, rate } = vat(total.category, &total.rate.percent())?;
    let rate = match terms {
        Terms::En16931 => rate,
        Terms::XRechnung => Some(total.rate.percent().parse().map_err(value)?),
    };
    let reason = text(&total.reason).filter(|_| total.category.needs_reason());
    Ok(VatBreakdown {
        taxable_amount: amount(total.net)?,
        tax_amount: amount(total.tax)?,
        category,
        rate,
        exemption_reason: reason,
        exemption_reason_code: reason_code(total.category).map(Into::into),
    })
}

/// BT-121, where the category alone says it; the reason for E is in words only.
const fn reason_code(category: TaxCategory) -> Option<&'static str> {
    match category {
        TaxCategory::AE => Some("VATEX-EU-AE"),
        TaxCategory::K => Some("VATEX-EU-IC"),
        TaxCategory::G => Some("VATEX-EU-G"),
        TaxCategory::O => Some("VATEX-EU-O"),
        TaxCategory::S | TaxCategory::Z | TaxCategory::E => None,
    }
}

/// BG-30; BR-O-05 forbids a rate outside the scope of VAT.
fn vat(category: TaxCategory, percent: &str) -> Result<LineVat, NotAnEInvoice> {
    let rate: Percentage = percent.parse().map_err(value)?;
    let code = match category {
        TaxCategory::S => "S",
        TaxCategory::Z => "Z",
        TaxCategory::E => "E",
        TaxCategory::AE => "AE",
        TaxCategory::K => "K",
        TaxCategory::G => "G",
        TaxCategory::O => "O",
    };
    Ok(LineVat { category: code.into(), rate: (category != TaxCategory::O).then_some(rate) })
}

/// BG-25. BR-27 forbids negative prices, so a discount's sign moves to its quantity.
fn line(position: usize, line: &Line) -> Result<InvoiceLine, NotAnEInvoice> {
    let (quantity, price) = (line.quantity.decimal(), line.unit_price.decimal());
    let (quantity, price) = match price.strip_prefix('-') {
        Some(size) => (negated(&quantity), size.to_owned()),
        None => (quantity, price),
    };
    let quantity: Quantity = quantity.parse().map_err(value)?;
    let price: Quantity = price.parse().map_err(value)?;
    let vat = vat(line.tax_category, &line.tax_rate.percent())?;
    let item = Item { name: text(&line.description), description: text(&line.details), ..Item::default() };
    let details = PriceDetails { net_price: UnitPriceAmount::new(price.into_decimal()), ..PriceDetails::default() };
    let unit = line.unit.as_str();
    let id = position.to_string();
    let written = InvoiceLine::new(id, "", quantity, unit, amount(line.net)?, vat.category, vat.rate);
    let written = written.with_item(item).with_price(details);
    Ok(match line.period {
        Some(period) => written.with_period(days(period)?),
        None => written,
    })
}

fn negated(plain: &str) -> String {
    plain.strip_prefix('-').map_or_else(|| format!("-{plain}"), str::to_owned)
}

fn electronic_address(email: Option<&EmailAddress>) -> Option<Identifier> {
    email.map(|email| Identifier::schemed(email.as_str(), EMAIL))
}

fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn amount(money: Money) -> Result<InvoiceAmount, NotAnEInvoice> {
    InvoiceAmount::parse(&money.decimal()).map_err(value)
}

fn date(day: jiff::civil::Date) -> Result<Date, NotAnEInvoice> {
    let part = |part: i8| u8::try_from(part).map_err(value);
    Date::new(i32::from(day.year()), part(day.month())?, part(day.day())?).map_err(value)
}

fn days(period: Period) -> Result<Days, NotAnEInvoice> {
    Ok(Days { start: Some(date(period.from)?), end: Some(date(period.to)?) })
}

fn value(error: impl std::fmt::Display) -> NotAnEInvoice {
    NotAnEInvoice::Value(error.to_string())
}
