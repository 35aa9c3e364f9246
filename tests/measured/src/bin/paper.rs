//! Renders invoices of one page, ten lines and a logo, and prints `<milliseconds of CPU> <bytes>` of one of them, warm.
//! The process does nothing else, so that its own account of CPU time is the invoices' time.

#[path = "../../../../functions/documents/tests/paper/sample.rs"]
mod sample;

use std::{fs, io, io::Write};

use sample::Sample;

/// As in the function.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WARM_UP: u32 = 20;
const MEASURED: u32 = 200;

fn main() -> Result<(), String> {
    let logo = fs::read("functions/documents/tests/paper/logo.png").map_err(|error| error.to_string())?;
    let render = |invoices: std::ops::Range<u32>| -> Result<usize, String> {
        let mut bytes = 0;
        for invoice in invoices {
            bytes = sample(invoice, &logo)?.render().pdf.len();
        }
        Ok(bytes)
    };
    render(0..WARM_UP)?;
    let before = cpu_milliseconds()?;
    let bytes = render(WARM_UP..WARM_UP + MEASURED)?;
    let each = (cpu_milliseconds()? - before) / f64::from(MEASURED);
    writeln!(io::stdout().lock(), "{each:.2} {bytes}").map_err(|error| error.to_string())
}

/// Another customer, number and amounts each time, as after one another in one function.
fn sample(index: u32, logo: &[u8]) -> Result<Sample, String> {
    let mut sample = Sample::with_lines(10);
    sample.number = format!("RE{}", 20_000 + index).parse().map_err(|_| "the number is wrong".to_owned())?;
    sample.logo = Some(logo.to_owned());
    sample.facts.buyer.company = format!("Beispiel {index} GmbH").into();
    let mut lines = std::mem::take(&mut sample.facts.lines);
    for line in &mut lines {
        line.quantity = (index + 1).to_string().parse().map_err(|_| "the quantity is wrong".to_owned())?;
        line.net = line.unit_price.times(line.quantity, line.net.currency()).map_err(|error| error.to_string())?;
    }
    sample.set_lines(lines);
    Ok(sample)
}

/// CPU time of this process and its threads, from Linux' account in hundredths of a second.
fn cpu_milliseconds() -> Result<f64, String> {
    let account = fs::read_to_string("/proc/self/stat").map_err(|error| error.to_string())?;
    let after_name = account.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    let ticks = ticks.sum::<Result<f64, _>>().map_err(|error| error.to_string())?;
    Ok(ticks * 10.0)
}
