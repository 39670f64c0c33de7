using System.CommandLine;
using System.CommandLine.Completions;
using GpuMem.Api.Serving;

namespace GpuMem.Cli.Inference;

/// <summary>Flags whose values engines spell in their own way.</summary>
internal static class EngineOptions
{
    /// <summary>A length, as <see cref="EngineSpellings.ReadLength"/> reads it.</summary>
    public static Option<long?> Length(string flag, string description, params string[] aliases)
    {
        var option = new Option<long?>(flag, aliases) { Description = description };
        option.CustomParser = argument =>
        {
            if (EngineSpellings.ReadLength(argument.Tokens[0].Value) is { } length)
                return length;
            argument.AddError($"{flag} {argument.Tokens[0].Value}: give a whole number of tokens, or one such as 32K (32 · 1024) or 128k (128 000)");
            return null;
        };
        return option;
    }

    /// <summary>A flag whose value is one of our names or of an engine's, in any case.</summary>
    /// <param name="engines">What an engine means by a value in small letters; null when it means nothing.</param>
    /// <param name="flag">Its name.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="aliases">Its other names.</param>
    public static Option<string?> Flag<T>(Func<string, T?> engines, string flag, string description, params string[] aliases)
        where T : struct, Enum
    {
        var option = new Option<string?>(flag, aliases) { Description = $"{description}; auto, {string.Join(", ", Enum.GetNames<T>())}, or as engines spell it", HelpName = flag.TrimStart('-') };
        option.CompletionSources.Add(_ => Enum.GetNames<T>().Select(name => new CompletionItem(name)));
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && !EngineSpellings.IsAuto(value) && EngineSpellings.Read(engines, value) is null)
                result.AddError($"{flag} {value}: use auto, one of {string.Join(", ", Enum.GetNames<T>())}, or what an engine calls it");
        });
        return option;
    }
}
