namespace GpuMem.Serving.Engines;

/// <summary>Releases of engines: which known one stands for a stated one, and what is assumed by that.</summary>
internal static class EngineVersions
{
    /// <summary>The last known release that is not after <paramref name="version"/>, else the first.</summary>
    public static int Floor(string[] known, string version)
    {
        var last = known.Length - 1;
        while (last > 0 && TrainerVersions.Compare(known[last], version) > 0)
            last--;
        return last;
    }

    /// <summary>What had to be assumed about the release, in a sentence; null when nothing.</summary>
    public static string? Assumed(InferenceSpec spec)
    {
        if (spec.EngineVersion is not { } version)
            return null;
        if (!spec.RunsVllm)
            return $"Releases of {spec.Engine} are not told apart{(spec.Engine == InferenceEngine.SGLang ? " but in how they load MXFP4 experts" : "")}: {version} is taken to do what is known of it.";
        return Between(Vllm.Numbers, version);
    }

    /// <summary>A release has the rules of the newest known one that is not newer than it.</summary>
    private static string? Between(string[] known, string version)
    {
        var index = Floor(known, version);
        if (TrainerVersions.Begins(known[index], version))
            return null;
        var said = TrainerVersions.Compare(version, known[index]) < 0 ? "the oldest known release" : index == known.Length - 1 ? "the newest known release" : "the newest known release before it";
        return $"vLLM {version} is not known; it is taken to do what {known[index]}, {said}, does.";
    }
}
