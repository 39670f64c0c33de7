using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Estimation.Models;

/// <summary>The models whose dimensions are built in, by Hugging Face id or unambiguous short name.</summary>
public static class ModelCatalogue
{
    public static IReadOnlyList<ModelArchitecture> All => throw new NotImplementedException();

    /// <param name="problem">Why not, with the closest names ("did you mean …"), when the result is false.</param>
    public static bool TryFind(string name, [NotNullWhen(true)] out ModelArchitecture? model, [NotNullWhen(false)] out string? problem) =>
        throw new NotImplementedException();
}
