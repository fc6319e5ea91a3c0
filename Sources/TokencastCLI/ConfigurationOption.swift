import ArgumentParser
import Tokencast

#if canImport(Glibc)
import Glibc
#endif

/// `--config`, as every command that reads the configuration takes it.
struct ConfigurationOption: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file. (default: config.json)", valueName: "file"))
    var config: String?

    /// Loads the file.
    ///
    /// - Parameter required: whether the default file is wanted; one that is named always is.
    func load(_ environment: [String: String], required: Bool) throws(ConfigurationError) -> Configuration {
        if let named = config ?? environment["TOKENCAST_CONFIG"] {
            return try Configuration(file: named, environment: environment)
        }
        guard required, access("config.json", F_OK) == 0 else { return Configuration() }
        return try Configuration(file: "config.json", environment: environment)
    }
}
