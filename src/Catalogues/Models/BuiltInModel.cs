namespace GpuMem.Catalogues.Models;

/// <summary>A model of the catalogue, read when it is asked for.</summary>
internal sealed class BuiltInModel(string id, Func<ModelArchitecture> read)
{
    private readonly Lazy<ModelArchitecture> _architecture = new(read);

    /// <summary>On Hugging Face.</summary>
    public string Id { get; } = id;

    /// <summary>What people call it besides; null when that is its id.</summary>
    public string? OtherName { get; init; }

    /// <exception cref="ModelFormatException">The model cannot be sized; the message says why.</exception>
    public ModelArchitecture Architecture => _architecture.Value;
}
