using System.Text.RegularExpressions;

namespace GpuMem.Architecture.Tests;

/// <summary>Estimates and plans follow from their inputs: no file, no network, no process, no clock, no environment.</summary>
public sealed partial class PurityTests
{
    [Theory]
    [InlineData("src/Estimation")]
    [InlineData("src/Serving")]
    [InlineData("src/Catalogues")]
    [InlineData("src/Planning")]
    public void What_computes_asks_nothing_of_the_world(string project)
    {
        var files = SourceFiles.Under(project);

        Assert.NotEmpty(files);
        Assert.Empty(files.Saying(World()));
    }

    /// <summary>An estimate that knows what it will be held against proves nothing.</summary>
    [Theory]
    [InlineData("src/Estimation")]
    [InlineData("src/Serving")]
    [InlineData("src/Catalogues")]
    [InlineData("src/Planning")]
    [InlineData("src/Api")]
    public void What_is_scored_cannot_see_cases_baselines_or_scores(string project)
    {
        var files = SourceFiles.Under(project);

        Assert.NotEmpty(files);
        Assert.Empty(files.Saying(Scoring()));
    }

    [Fact]
    public void Metrics_know_nothing_of_kubernetes()
    {
        var files = SourceFiles.Under("src/Metrics");

        Assert.NotEmpty(files);
        Assert.Empty(files.Saying(Kubernetes()));
        Assert.Empty(files.Saying(Gpus()));
    }

    [Fact]
    public void Kubernetes_knows_nothing_of_gpus()
    {
        var files = SourceFiles.Under("src/Kubernetes");

        Assert.Contains(files, file => file.Path.Contains("Crds", StringComparison.Ordinal));
        Assert.Empty(files.Saying(Gpus()));
    }

    [GeneratedRegex(@"\bSystem\.(IO|Net)\b|\bSystem\.Diagnostics\.(?!CodeAnalysis)|\b(File|Directory|Process|HttpClient|Socket|Console|Stopwatch|TimeProvider|Environment|Random|Task|Thread|Timer)\.|\bDateTime(Offset)?\.(Now|UtcNow|Today)|\bGuid\.NewGuid|\basync\b")]
    private static partial Regex World();

    [GeneratedRegex(@"\bGpuMem\.Evaluation\b|\b(MeasuredCase|ScoredCase|Case(Reader|Score|Scorer|Manifest|Group)|Baselines?)\b|\busing .*\bEvaluation\b")]
    private static partial Regex Scoring();

    [GeneratedRegex(@"\b(Kubernetes|k8s|kubelet|pods?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Kubernetes();

    [GeneratedRegex(@"\b(GPUs?|NVIDIA|CUDA|NVLink|MIG|TrainingJob|GpuPool|Estimation|Planning)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Gpus();
}
