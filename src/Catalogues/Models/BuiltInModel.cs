namespace GpuMem.Catalogues.Models;

/// <summary>A model of the catalogue, read when it is asked for.</summary>
/// <param name="id">On Hugging Face.</param>
/// <param name="entry">What the catalogue says of it.</param>
/// <param name="read">Reads that, given the id.</param>
internal sealed class BuiltInModel(string id, BuiltInJson entry, Func<BuiltInJson, string, ModelArchitecture> read)
{
    private ModelArchitecture? _architecture;

    /// <summary>On Hugging Face.</summary>
    public string Id { get; } = id;

    /// <summary>What people call it besides; null when that is its id.</summary>
    public string? OtherName { get; init; }

    /// <remarks>Two threads may read the same entry at the same time; what they get is equal.</remarks>
    /// <exception cref="ModelFormatException">The model cannot be sized; the message says why.</exception>
    public ModelArchitecture Architecture => _architecture ??= read(entry, Id);
}
