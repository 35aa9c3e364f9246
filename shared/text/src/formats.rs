//! How amounts, numbers, dates and periods are written: `1.234,50 €` and `06.03.2019`, `€1,234.50` and `6 Mar 2019`.

use domain::{
    Currency, Language, Money,
    customer::{CustomerFacts, Salutation, TaxRegion},
    money::{Quantity, TaxRate, UnitPrice},
    subscription::{Notice, NoticeEnd},
    time::{Interval, IntervalUnit},
};
use jiff::civil::{Date, DateTime, Time};

use crate::Words;

/// Keeps an amount and its unit on one line.
const NBSP: char = '\u{a0}';
/// A real minus, as wide as a digit.
const MINUS: &str = "−";

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Words {
    /// `1.234,50 €`, `€1,234.50`, `1.234,50 CHF`, `CHF 1,234.50`; with a real minus.
    #[must_use]
    pub fn money(&self, amount: Money) -> String {
        self.with_currency(&amount.decimal(), amount.currency())
    }

    /// The amount as it stands in a field to be typed over: `1.234,50`, `1,234.50`, without a currency.
    #[must_use]
    pub fn plain_amount(&self, amount: Money) -> String {
        let decimal = amount.decimal();
        let (sign, size) = self.sign_and_size(&decimal);
        format!("{sign}{size}")
    }

    /// The currency's sign where everybody knows it, else its code; stands beside a field.
    #[must_use]
    pub const fn currency(&self, currency: Currency) -> &'static str {
        symbol(currency)
    }

    /// A price for one piece: like an amount, with up to four decimals.
    #[must_use]
    pub fn unit_price(&self, price: UnitPrice, currency: Currency) -> String {
        self.with_currency(&price.decimal(), currency)
    }

    /// `2,5` or `2.5`, thousands grouped.
    #[must_use]
    pub fn quantity(&self, quantity: Quantity) -> String {
        let decimal = quantity.decimal();
        let (sign, size) = self.sign_and_size(&decimal);
        format!("{sign}{size}")
    }

    /// A file's size: `1,2 MB`, never less than `0,1 MB`.
    #[must_use]
    pub fn megabytes(&self, bytes: u64) -> String {
        let tenths = bytes.div_ceil(100_000).max(1);
        let (_, size) = self.sign_and_size(&format!("{}.{}", tenths / 10, tenths % 10));
        format!("{size}{NBSP}MB")
    }

    /// `19 %` or `19%`.
    #[must_use]
    pub fn tax_rate(&self, rate: TaxRate) -> String {
        let (_, percent) = self.sign_and_size(&rate.percent());
        match self.language {
            Language::De => format!("{percent}{NBSP}%"),
            Language::En => format!("{percent}%"),
        }
    }

    fn with_currency(&self, decimal: &str, currency: Currency) -> String {
        let (sign, size) = self.sign_and_size(decimal);
        let unit = symbol(currency);
        match self.language {
            Language::De => format!("{sign}{size}{NBSP}{unit}"),
            Language::En if unit.chars().count() == 1 => format!("{sign}{unit}{size}"),
            Language::En => format!("{sign}{unit}{NBSP}{size}"),
        }
    }

    /// A plain decimal number with the language's separators: thousands in groups of three.
    fn sign_and_size(&self, decimal: &str) -> (&'static str, String) {
        let (sign, size) = decimal.strip_prefix('-').map_or(("", decimal), |size| (MINUS, size));
        let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
        let (group, point) = match self.language {
            Language::De => ('.', ','),
            Language::En => (',', '.'),
        };
        let mut text = String::with_capacity(size.len() + whole.len() / 3);
        for (position, digit) in whole.chars().enumerate() {
            if position > 0 && (whole.len() - position).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        (sign, text)
    }

    /// `06.03.2019` or `6 Mar 2019`.
    #[must_use]
    pub fn date(&self, date: Date) -> String {
        let (day, month, year) = (date.day(), date.month(), date.year());
        match self.language {
            Language::De => format!("{day:02}.{month:02}.{year:04}"),
            Language::En => {
                let name = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
                format!("{day}{NBSP}{name}{NBSP}{year}")
            }
        }
    }

    /// `06:12 Uhr` or `06:12`.
    #[must_use]
    pub fn time(&self, time: Time) -> String {
        let text = format!("{:02}:{:02}", time.hour(), time.minute());
        self.with_clock(text)
    }

    /// `06:12:05 Uhr` or `06:12:05`, where seconds matter.
    #[must_use]
    pub fn time_with_seconds(&self, time: Time) -> String {
        let text = format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
        self.with_clock(text)
    }

    fn with_clock(&self, text: String) -> String {
        match self.language {
            Language::De => format!("{text}{NBSP}Uhr"),
            Language::En => text,
        }
    }

    /// `05.11.2026, 06:12 Uhr` or `5 Nov 2026, 06:12`; the caller has put it into the tenant's zone.
    #[must_use]
    pub fn date_time(&self, at: DateTime) -> String {
        format!("{}, {}", self.date(at.date()), self.time(at.time()))
    }

    /// How long: `1 Monat`, `3 Monate`, `1 year`.
    #[must_use]
    pub fn interval(&self, interval: Interval) -> String {
        match interval.unit {
            IntervalUnit::Day => self.formats_days(interval.count),
            IntervalUnit::Week => self.formats_weeks(interval.count),
            IntervalUnit::Month => self.formats_months(interval.count),
            IntervalUnit::Year => self.formats_years(interval.count),
        }
    }

    /// How often, after a price: `je Monat`, `je Quartal`, `je Jahr`, else `alle 2 Monate`.
    #[must_use]
    pub fn per_interval(&self, interval: Interval) -> String {
        match (interval.count, interval.unit) {
            (1, IntervalUnit::Day) => self.formats_per_day().to_owned(),
            (1, IntervalUnit::Week) => self.formats_per_week().to_owned(),
            (1, IntervalUnit::Month) => self.formats_per_month().to_owned(),
            (3, IntervalUnit::Month) => self.formats_per_quarter().to_owned(),
            (6, IntervalUnit::Month) => self.formats_per_half_year().to_owned(),
            (12, IntervalUnit::Month) | (1, IntervalUnit::Year) => self.formats_per_year().to_owned(),
            _ => self.formats_every(self.interval(interval)),
        }
    }

    /// A notice period: `1 Monat zum Monatsende`.
    #[must_use]
    pub fn notice(&self, notice: Notice) -> String {
        let period = self.interval(notice.period);
        match notice.to {
            NoticeEnd::AnyDay => self.formats_notice_any_day(period),
            NoticeEnd::MonthEnd => self.formats_notice_month_end(period),
            NoticeEnd::TermEnd => self.formats_notice_term_end(period),
        }
    }

    /// `Frau`, `Herr`; `Ms`, `Mr`.
    #[must_use]
    pub fn salutation(&self, salutation: Salutation) -> &'static str {
        match salutation {
            Salutation::Frau => self.formats_salutation_ms(),
            Salutation::Herr => self.formats_salutation_mr(),
        }
    }

    /// How a customer is addressed: `Frau Exemplus Tine`, without a salutation `Exemplus Tine`, without a person the
    /// company (M-05).
    #[must_use]
    pub fn addressed(&self, customer: &CustomerFacts) -> String {
        let somebody = !(customer.first_name.trim().is_empty() && customer.last_name.trim().is_empty());
        match customer.salutation.filter(|_| somebody) {
            Some(salutation) => format!("{} {}", self.salutation(salutation), customer.display_name()),
            None => customer.display_name(),
        }
    }

    /// „Steuerregion" in words.
    #[must_use]
    pub fn tax_region(&self, region: TaxRegion) -> &'static str {
        match region {
            TaxRegion::Domestic => self.formats_region_domestic(),
            TaxRegion::EuropeanUnion => self.formats_region_european_union(),
            TaxRegion::ThirdCountry => self.formats_region_third_country(),
        }
    }
}

/// A sign where everybody knows it, else the code.
const fn symbol(currency: Currency) -> &'static str {
    match currency {
        Currency::Eur => "€",
        Currency::Gbp => "£",
        Currency::Usd => "$",
        _ => currency.code(),
    }
}
