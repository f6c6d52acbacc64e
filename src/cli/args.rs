//! The words of the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::audit::Audit;
use super::demo_keys::DemoKeys;
use super::entries::Entries;
use super::grant::GrantVerb;
use super::key::KeyVerb;
use super::layer_state::LayerVerb;
use super::member::NewMember;
use super::org::NewOrganisation;
use super::overview::Overview;
use super::profile::NewProfile;
use super::request::RequestVerb;
use super::suspend::{Resume, Suspend};
use super::terms::TermsVerb;
use super::usage::Usage;
use super::whence::Whence;
use super::why::Why;
use crate::config::parse_listen;

/// One counter for a territory's geographic data: vector tiles and OGC API Features from files.
#[derive(Debug, Parser)]
#[command(name = "guichet", version, args_conflicts_with_subcommands = true)]
#[command(
    after_help = "Without a command, guichet serves ./guichet.toml if there is one, else its demonstration."
)]
pub struct Line {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

impl Line {
    /// The command of this process's arguments; ends the process with status 2 and a hint if they make none.
    pub fn parse_command() -> Command {
        Self::parse().command()
    }

    /// What to do; `guichet` alone serves.
    pub fn command(self) -> Command {
        let Self { command, settings } = self;
        command.unwrap_or(Command::Serve(Serve {
            settings,
            ..Serve::default()
        }))
    }
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve layers over HTTP until stopped
    Serve(Serve),
    /// Make a running server read its configuration and changed files again
    Reload(Reload),
    /// Tell what a running server holds in memory, by layer and view
    Memory(Usage),
    /// Read files and report what they hold, what was repaired and what was rejected
    Check(Check),
    /// Convert CQL2 filters between text and JSON, or show what is wrong with them
    Cql2(Cql2),
    /// Publishers and partners
    #[command(subcommand)]
    Org(Entries<NewOrganisation>),
    /// People who act for organisations
    #[command(subcommand)]
    Member(Entries<NewMember>),
    /// Named restrictions: rows, properties, areas, cells
    #[command(subcommand)]
    Profile(Entries<NewProfile>),
    /// Who may do what with which layers, until when
    #[command(subcommand)]
    Grant(GrantVerb),
    /// Keys of organisations and members
    #[command(subcommand)]
    Key(KeyVerb),
    /// Versions of terms of use, and who accepted them
    #[command(subcommand)]
    Terms(TermsVerb),
    /// Suspend a layer, key, member or organisation at once, or list what is suspended
    Suspend(Suspend),
    /// End a suspension
    Resume(Resume),
    /// Publish, withdraw or embargo a layer
    #[command(subcommand)]
    Layer(LayerVerb),
    /// Requests for access
    #[command(subcommand)]
    Request(RequestVerb),
    /// Who saw what of restricted layers, who changed the policy, and whether the audit is whole
    Audit(Audit),
    /// The policy at a glance, and what of it gives nobody anything
    Policy(Overview),
    /// Why somebody sees what of a layer, and why not
    Why(Why),
    /// Two keys for the demonstration: one layer, three pairs of eyes
    DemoKeys(DemoKeys),
}

/// How to serve.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Settings {
    /// Configuration file [default: ./guichet.toml if it exists, else the demonstration]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address to listen on, such as 127.0.0.1:8080, in place of the configuration's; port 0 is any free port
    #[arg(long, value_name = "ADDR", value_parser = listen)]
    pub listen: Option<SocketAddr>,
}

/// `guichet serve`
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Serve {
    /// Files, or folders of files, to serve without a configuration: every layer found in them, open to everybody
    #[arg(value_name = "PATH", conflicts_with = "config", value_parser = PathBufValueParser::new().try_map(data_path))]
    pub paths: Vec<PathBuf>,
    #[allow(missing_docs)]
    #[command(flatten)]
    pub settings: Settings,
    /// Accept a policy store that is older than one seen here before, as after restoring a backup: what was revoked since holds again
    #[arg(long)]
    pub accept_older: bool,
}

/// `guichet reload`: the lock in the server's state folder tells which process to signal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(
    after_help = "Exit status: 0 reloaded, 1 refused or no server is running, 2 wrong usage."
)]
pub struct Reload {
    #[allow(missing_docs)]
    #[command(flatten)]
    pub whence: Whence,
}

/// `guichet check`
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(after_help = "Exit status: 0 every layer loads, 1 one is refused, 2 wrong usage.")]
pub struct Check {
    /// Files, or folders of files, to read
    #[arg(value_name = "PATH", required = true, value_parser = PathBufValueParser::new().try_map(data_path))]
    pub paths: Vec<PathBuf>,
    /// Print a `[[layer]]` block for each layer, ready to paste into guichet.toml
    #[arg(long, conflicts_with = "json")]
    pub toml: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// `guichet cql2`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(after_help = "Exit status: 0 every filter is converted, 1 one is faulty, 2 wrong usage.")]
pub struct Cql2 {
    /// Filters in CQL2 text or JSON, such as "etat = 'en service'" [default: the lines of standard input]
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// What to write, a line for each filter
    #[arg(long, value_name = "ENCODING")]
    pub to: Encoding,
}

/// The encodings of CQL2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// `etat = 'en service'`
    Text,
    /// `{"op":"=","args":[{"property":"etat"},"en service"]}`
    Json,
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    parse_listen(text)
        .ok_or_else(|| "write an address and a port, such as 127.0.0.1:8080".to_owned())
}

/// A path to data. A configuration file in its place is a slip that deserves better than "unknown format".
fn data_path(path: PathBuf) -> Result<PathBuf, String> {
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("toml"))
    {
        return Err("this is a configuration file: write --config before it".to_owned());
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn parse(line: &str) -> Result<Command, clap::Error> {
        Line::try_parse_from(line.split_whitespace()).map(Line::command)
    }

    fn refused(line: &str) -> clap::Error {
        parse(line).expect_err(line)
    }

    #[test]
    fn the_definition_holds() {
        <Line as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn nothing_is_serve() {
        assert_eq!(parse("guichet").unwrap(), Command::Serve(Serve::default()));
        assert_eq!(parse("guichet").unwrap(), parse("guichet serve").unwrap());
        let with = parse("guichet --listen localhost:0 --config a.toml").unwrap();
        assert_eq!(
            with,
            parse("guichet serve --listen localhost:0 --config a.toml").unwrap()
        );
    }

    #[test]
    fn serve_takes_paths_or_a_configuration() {
        let Command::Serve(serve) = parse("guichet serve a.fgb data --listen [::1]:80").unwrap()
        else {
            panic!("serve")
        };
        assert_eq!(serve.paths, [PathBuf::from("a.fgb"), PathBuf::from("data")]);
        assert_eq!(serve.settings.listen, "[::1]:80".parse().ok());
        let both = refused("guichet serve data --config a.toml");
        assert_eq!(both.kind(), ErrorKind::ArgumentConflict);
    }

    #[test]
    fn reload_takes_a_configuration() {
        let whence = Whence {
            config: Some(PathBuf::from("a.toml")),
            demo: false,
        };
        assert_eq!(
            parse("guichet reload --config a.toml").unwrap(),
            Command::Reload(Reload { whence })
        );
        let both = refused("guichet reload --config a.toml --demo");
        assert_eq!(both.kind(), ErrorKind::ArgumentConflict);
        assert_eq!(
            refused("guichet reload data").kind(),
            ErrorKind::UnknownArgument
        );
    }

    #[test]
    fn check_takes_paths_and_one_form_of_output() {
        let Command::Check(check) = parse("guichet check a.gpkg b --toml").unwrap() else {
            panic!("check")
        };
        assert_eq!(
            (check.paths.len(), check.toml, check.json),
            (2, true, false)
        );
        assert_eq!(
            refused("guichet check").kind(),
            ErrorKind::MissingRequiredArgument
        );
        assert_eq!(
            refused("guichet check a --toml --json").kind(),
            ErrorKind::ArgumentConflict
        );
    }

    #[test]
    fn cql2_takes_filters_and_an_encoding() {
        let Command::Cql2(cql2) = parse("guichet cql2 --to json a=1 b=2").unwrap() else {
            panic!("cql2")
        };
        assert_eq!((cql2.filters.len(), cql2.to), (2, Encoding::Json));
        assert_eq!(
            refused("guichet cql2 a=1").kind(),
            ErrorKind::MissingRequiredArgument
        );
        assert_eq!(
            refused("guichet cql2 --to xml a=1").kind(),
            ErrorKind::InvalidValue
        );
    }

    #[test]
    fn slips_are_explained_and_exit_with_2() {
        let slips = [
            ("guichet chek a.fgb", "check"),
            ("guichet serve guichet.toml", "--config"),
            ("guichet check orgs/a.TOML", "--config"),
            ("guichet serve --listen 8080", "127.0.0.1:8080"),
            ("guichet serve --lisen localhost:1", "--listen"),
        ];
        for (line, hint) in slips {
            let error = refused(line);
            assert_eq!(error.exit_code(), 2, "{line}");
            assert!(error.to_string().contains(hint), "{line}\n{error}");
        }
    }

    #[test]
    fn help_and_version_are_no_faults() {
        for line in [
            "guichet --help",
            "guichet serve --help",
            "guichet --version",
        ] {
            assert_eq!(refused(line).exit_code(), 0, "{line}");
        }
        let help = refused("guichet check --help").to_string();
        assert!(help.contains("Exit status: 0 every layer loads"), "{help}");
    }
}
