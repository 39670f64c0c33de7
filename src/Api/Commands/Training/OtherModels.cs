using System.Globalization;
using GpuMem.Catalogues.Models;

namespace GpuMem.Api.Commands.Training;

/// <summary>Models of reinforcement learning beside the one that is trained, whose size an estimate takes them to have.</summary>
internal static class OtherModels
{
    /// <summary>By as much models of one size differ, in their vocabulary and in what stands for it.</summary>
    private const double MostDifference = 0.15;

    /// <summary>Says that one is of another size, where both are known.</summary>
    /// <param name="draft">What is trained, and where it is said.</param>
    /// <param name="role">What the other is there for.</param>
    /// <param name="name">Its id or path; null where it is not named.</param>
    public static void Compare(TrainingDraft draft, string role, string? name)
    {
        if (Size(name) is not { } other || Size(draft.Job.Model?.Name) is not { } trained || Math.Abs(other - trained) <= MostDifference * trained)
            return;
        draft.Reading.NotUnderstood.Add(string.Create(CultureInfo.InvariantCulture, $"the {role} {name} of {Billions(other)} parameters: it is taken to have the {Billions(trained)} of what is trained"));
    }

    private static string Billions(double parameters) => string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e9:0.0} billion");

    private static double? Size(string? name) =>
        name is not null && (ServedModel.IsId(name) ? name : ModelPath.Of(name)?.Name) is { } id && ModelCatalogue.TryFind(id, out var model, out _) ? model.Parameters : null;
}
