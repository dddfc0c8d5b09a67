//! Kernels from shared libraries: the names of their cells, and what is known of their files.

use super::library::{Function, NotLoaded};
use super::place::Place;
use crate::analysis::kind::Kind;
use crate::shown::{readable, shortened};
use crate::suite::names;
use anyhow::{anyhow, bail};
use libpi::{AUTO, Catalog, Generator, Kernel};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// A kernel to load, with the names that its cells have.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The generator or the problem that it counts; philox if nobody says it.
    pub generator: Option<Generator>,
    pub name: String,
    pub place: Place,
    pub language: String,
    pub version: String,
    /// How to build the library.
    pub build: Option<String>,
}

/// The language of a kernel if nobody says it.
const NO_LANGUAGE: &str = "loaded";

impl Wanted {
    /// Reads `NAME=FILE:SYMBOL`, or `GENERATOR/NAME=FILE:SYMBOL`.
    ///
    /// # Errors
    /// If it has another form, or a name breaks a rule.
    pub fn parse(text: &OsStr) -> Result<Self, String> {
        let bytes = text.as_bytes();
        let parts = bytes.iter().position(|&byte| byte == b'=').map(|at| bytes.split_at(at));
        let Some((name, place)) = parts else {
            return Err(format!(
                "'{}' is not NAME=FILE:SYMBOL: give the kernel a name for its cells, such as \
                 mine=./libmine.so:count_hits",
                shortened(&readable(text))
            ));
        };
        let place = Place::parse(OsStr::from_bytes(&place[1..]))?;
        let name = readable(OsString::from_vec(name.to_owned()));
        let (generator, name) = match name.split_once('/') {
            Some((generator, name)) => (Some(generator), name),
            None => (None, &*name),
        };
        let wanted = Self::new(generator, name, place);
        wanted.map_err(|error| error.to_string())
    }

    /// # Errors
    /// If a name breaks a rule, or is that of a kernel of libpi.
    pub fn new(generator: Option<&str>, name: &str, place: Place) -> anyhow::Result<Self> {
        names::check("kernel", name)?;
        if name == AUTO || Catalog::here().kernels.iter().any(|kernel| kernel.name() == name) {
            bail!("'{name}' is the name of a kernel of libpi: give yours another name");
        }
        Ok(Self {
            generator: generator.map(problem).transpose()?,
            name: name.to_owned(),
            place,
            language: NO_LANGUAGE.to_owned(),
            version: String::new(),
            build: None,
        })
    }
}

/// The generator or the problem with this name.
///
/// # Errors
/// If the name breaks a rule, or if cells with this name measure calls.
pub fn problem(name: &str) -> anyhow::Result<Generator> {
    names::check("generator", name)?;
    if Kind::of(name) != Kind::Sample {
        bail!("'{name}' is the name of cells that measure calls: give your problem another name");
    }
    Ok(Generator::problem(name))
}

/// A kernel that was loaded, or the reason why it is missing here.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub generator: Generator,
    pub name: String,
    pub place: Place,
    pub language: String,
    pub version: String,
    pub function: Result<Function, String>,
}

impl Loaded {
    fn kernel(&self) -> Kernel {
        let Self { generator, name, .. } = self;
        match &self.function {
            // SAFETY: the user promises that the function keeps the rules. Its counts are checked
            // before they are used.
            Ok(function) => unsafe { Kernel::new(*generator, name.clone(), None, function.call) },
            Err(reason) => Kernel::absent(*generator, name.clone(), reason.clone()),
        }
    }

    /// The kernel's name with its generator.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.generator, self.name)
    }

    /// The arguments with which `pi runner` loads the same file.
    pub fn arguments(&self) -> Vec<OsString> {
        let Ok(Function { file, sha256, .. }) = &self.function else { return Vec::new() };
        let place = Place { file: file.clone(), symbol: self.place.symbol.clone() };
        let mut load = OsString::from(format!("{}=", self.full_name()));
        load.push(place.text());
        vec!["--load".into(), load, "--sha256".into(), sha256.into()]
    }
}

/// Loaded kernels, in the order in which they were named.
#[derive(Debug, Clone, Default)]
pub struct Loads(pub Vec<Loaded>);

/// Loads all of these functions.
pub type Load = fn(&[&Place]) -> Vec<Result<Function, NotLoaded>>;

impl Loads {
    /// Loads kernels in the given way.
    ///
    /// # Errors
    /// If a name is there twice, or if a kernel cannot be loaded.
    pub fn load(wanted: Vec<Wanted>, load: Load) -> anyhow::Result<Self> {
        let places: Vec<&Place> = wanted.iter().map(|one| &one.place).collect();
        let functions = load(&places);
        let mut loads = Self::default();
        for (wanted, function) in wanted.into_iter().zip(functions) {
            loads.add(wanted, function)?;
        }
        Ok(loads)
    }

    fn add(&mut self, wanted: Wanted, function: Result<Function, NotLoaded>) -> anyhow::Result<()> {
        let Wanted { generator, name, place, language, version, build } = wanted;
        let generator = generator.unwrap_or(Generator::Philox);
        if self.find(generator.name(), &name).is_some() {
            bail!("there are two kernels {generator}/{name}: give each a name of its own");
        }
        let function = match (function, build) {
            (Ok(function), _) => Ok(function),
            // A suite says how to build its kernels. One that is not built here is left out.
            (Err(error), Some(build)) if error.is_absent => {
                Err(format!("{error}; to build it: {build}"))
            }
            (Err(error), _) => return Err(anyhow!("kernel {generator}/{name}: {error}")),
        };
        self.0.push(Loaded { generator, name, place, language, version, function });
        Ok(())
    }

    pub fn find(&self, generator: &str, name: &str) -> Option<&Loaded> {
        self.0.iter().find(|one| one.generator.name() == generator && one.name == name)
    }

    /// The kernel with whose counts those of a problem are compared: the first that was loaded.
    pub fn reference(&self, problem: Generator) -> Option<&Loaded> {
        self.0.iter().find(|one| one.generator == problem && one.function.is_ok())
    }

    /// The catalog with these kernels.
    pub fn catalog(&self, catalog: &Catalog) -> Catalog {
        catalog.with(self.0.iter().map(Loaded::kernel))
    }

    /// The kernels with the hashes of their files, in one line.
    pub fn hashes(&self) -> String {
        let hash = |one: &Loaded| match &one.function {
            Ok(function) => format!("{} {}", one.full_name(), function.sha256),
            Err(_) => format!("{} missing", one.full_name()),
        };
        self.0.iter().map(hash).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> Result<Wanted, String> {
        Wanted::parse(OsStr::new(text))
    }

    /// Loads kernels without their libraries.
    fn loaded(texts: &[&str]) -> anyhow::Result<Loads> {
        Loads::load(texts.iter().map(|text| wanted(text).unwrap()).collect(), found)
    }

    extern "C" fn none(_: u64, _: u64, _: u64) -> u64 {
        0
    }

    fn found(places: &[&Place]) -> Vec<Result<Function, NotLoaded>> {
        let function = |place: &&Place| {
            Ok(Function { call: none, file: place.file.clone(), sha256: "5a".to_owned() })
        };
        places.iter().map(function).collect()
    }

    #[test]
    fn a_kernel_is_named_for_its_cells() {
        let of = |text| {
            let Wanted { generator, name, place, .. } = wanted(text).unwrap();
            (generator, name, place.text().into_string().unwrap())
        };
        let own = |name: &str, place: &str| (name.to_owned(), place.to_owned());
        let (generator, name, place) = of("mine=./a=b.so:f");
        assert_eq!((generator, (name, place)), (None, own("mine", "./a=b.so:f")));
        let (generator, name, place) = of("primes/mine=a/b.so:f");
        assert_eq!(generator, Some(Generator::problem("primes")));
        assert_eq!((name, place), own("mine", "a/b.so:f"));
    }

    #[test]
    fn bad_names_are_refused_with_the_rule() {
        for (text, words) in [
            ("./libmine.so:f", "is not NAME=FILE:SYMBOL"),
            ("mine=./libmine.so", "is not FILE:SYMBOL"),
            ("=a.so:f", "'' is not a name for a kernel"),
            ("a b=a.so:f", "'a b' is not a name for a kernel"),
            ("mine@x86-64=a.so:f", "is not a name for a kernel"),
            ("a/b/c=a.so:f", "'b/c' is not a name for a kernel"),
            ("/b=a.so:f", "'' is not a name for a generator"),
            ("batch/b=a.so:f", "'batch' is the name of cells that measure calls"),
            ("rust=a.so:f", "'rust' is the name of a kernel of libpi"),
            ("auto=a.so:f", "'auto' is the name"),
            ("primes/c-simd=a.so:f", "'c-simd' is the name"),
        ] {
            let error = wanted(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn names_given_twice_are_refused() {
        for texts in [["mine=a.so:f", "mine=b.so:g"], ["mine=a.so:f", "philox/mine=a.so:f"]] {
            let error = loaded(&texts).unwrap_err().to_string();
            assert!(error.starts_with("there are two kernels philox/mine"), "{texts:?}: {error}");
        }
        let loads = loaded(&["mine=a.so:f", "primes/mine=a.so:f"]).unwrap();
        assert_eq!(loads.hashes(), "philox/mine 5a, primes/mine 5a");
    }

    #[test]
    fn only_a_library_that_a_suite_can_build_may_be_absent() {
        let absent: Load =
            |_| vec![Err(NotLoaded { why: "a.so: gone".to_owned(), is_absent: true })];
        let broken: Load =
            |_| vec![Err(NotLoaded { why: "a.so: bad".to_owned(), is_absent: false })];
        let mine = wanted("mine=a.so:f").unwrap();
        let error = Loads::load(vec![mine.clone()], absent).unwrap_err().to_string();
        assert_eq!(error, "kernel philox/mine: a.so: gone");
        let built = Wanted { build: Some("make".to_owned()), ..mine };
        let loads = Loads::load(vec![built.clone()], absent).unwrap();
        let catalog = loads.catalog(Catalog::here());
        let error = catalog.kernel(Generator::Philox, "mine").unwrap_err().to_string();
        assert_eq!(error, "kernel mine cannot run here: a.so: gone; to build it: make");
        assert!(Loads::load(vec![built], broken).is_err());
    }

    #[test]
    fn the_first_kernel_of_a_problem_is_its_reference() {
        let loads = loaded(&["mine=a.so:f", "primes/one=a.so:f", "primes/two=a.so:f"]).unwrap();
        assert_eq!(loads.reference(Generator::problem("primes")).unwrap().name, "one");
        let words = loads.0[1].arguments();
        assert_eq!(words, ["--load", "primes/one=a.so:f", "--sha256", "5a"]);
    }
}
