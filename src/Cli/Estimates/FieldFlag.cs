using System.CommandLine;

namespace GpuMem.Cli.Estimates;

/// <summary>A field of a manifest and a flag that sets it.</summary>
/// <param name="Field">Its path, such as <c>training.lora.rank</c>; what lies beneath it is set by the same flag.</param>
/// <param name="Words">The flag with its other names, in Markdown.</param>
internal sealed record FieldFlag(string Field, string Words)
{
    public static FieldFlag Of(string field, Option flag, string remark = "") =>
        new(field, string.Join(", ", flag.Aliases.Prepend(flag.Name).Select(name => $"`{name}`")) + remark);

    /// <summary>The same field, of a spec that has it beneath <paramref name="group"/>.</summary>
    public FieldFlag Under(string group) => this with { Field = $"{group}.{Field}" };

    /// <summary>Whether it sets a field, alone or among others.</summary>
    public bool Sets(string field) => field == Field || field.StartsWith($"{Field}.", StringComparison.Ordinal);
}
