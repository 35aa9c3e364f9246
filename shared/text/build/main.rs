//! Turns `templates/text/<language>/<area>.ftl` into one typed method per message, and stops the build when a message or
//! an argument is missing in a language.
#![expect(clippy::print_stdout, reason = "this is how a build script speaks to Cargo")]

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

mod code;
mod messages;
mod parts;

use messages::{Catalogue, LANGUAGES};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/text");
    println!("cargo::rerun-if-changed={}", root.display());
    match run(&root) {
        Ok(problems) if problems.is_empty() => ExitCode::SUCCESS,
        Ok(problems) => {
            for problem in problems {
                println!("cargo::error={problem}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("cargo::error=templates/text: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads all files and writes `words.rs`; returns what is wrong with the texts.
fn run(root: &Path) -> io::Result<Vec<String>> {
    let mut catalogue = Catalogue::default();
    for language in LANGUAGES {
        for path in files(&root.join(language))? {
            println!("cargo::rerun-if-changed={}", path.display());
            let area = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            catalogue.read(language, &area, &fs::read_to_string(&path)?);
        }
    }
    let problems = catalogue.problems();
    if problems.is_empty() {
        let directory = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
        fs::write(PathBuf::from(directory).join("words.rs"), code::words(&catalogue))?;
    }
    Ok(problems)
}

fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ftl"));
    paths.sort();
    Ok(paths)
}
