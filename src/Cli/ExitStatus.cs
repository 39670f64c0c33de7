using GpuMem.Page.Answers;
using GpuMem.Planning;

namespace GpuMem.Cli;

/// <summary>Exit statuses, so that scripts and CI can ask "does it fit?".</summary>
internal static class ExitStatus
{
    /// <summary>It fits, perhaps tightly; or there was nothing to hold it against.</summary>
    public const int Fits = 0;

    /// <summary>The question could not be answered: wrong arguments, unreadable files, no connection.</summary>
    public const int Error = 1;

    /// <summary>It does not fit, or would be denied.</summary>
    public const int DoesNotFit = 2;

    public static int Of(TrainingAnswer answer) => answer.IsCertain && answer.Verdict?.Rejects() == true ? DoesNotFit : Fits;

    public static int Of(ServingAnswer answer) => answer is { Capacity: { Fits: false, IsCertain: true }, Plan: not { Verdict: Verdict.AtRisk } } ? DoesNotFit : Fits;
}

/// <summary>Something the user can mend; the message says what is wrong, where, and what to do.</summary>
internal sealed class UserErrorException(string message) : Exception(message);
