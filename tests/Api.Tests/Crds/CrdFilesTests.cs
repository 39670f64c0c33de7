using GpuMem.Api.Json;
using GpuMem.Api.GpuPools;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests.Crds;

/// <summary>The files that people apply are what the C# types say.</summary>
public sealed class CrdFilesTests
{
    private const string Remedy = "dotnet run --project src/Cli -- crd --write config/crd && cp config/crd/*.yaml charts/gpumem/crds-src/";

    [Theory]
    [InlineData("config/crd/trainingjobs.yaml", typeof(TrainingJob))]
    [InlineData("config/crd/modelservers.yaml", typeof(ModelServer))]
    [InlineData("config/crd/gpupools.yaml", typeof(GpuPool))]
    [InlineData("charts/gpumem/crds-src/trainingjobs.yaml", typeof(TrainingJob))]
    [InlineData("charts/gpumem/crds-src/modelservers.yaml", typeof(ModelServer))]
    [InlineData("charts/gpumem/crds-src/gpupools.yaml", typeof(GpuPool))]
    public void C1_Files_are_as_the_types_say(string file, Type entity)
    {
        var written = File.ReadAllText(Path.Combine(RepositoryRoot.Path, file));

        Assert.True(written == YamlWriter.Write(GeneratedCrds.Of(entity)), $"{file} is stale. Run: {Remedy}");
    }

    [Theory]
    [InlineData("config/crd")]
    [InlineData("charts/gpumem/crds-src")]
    public void There_are_no_other_files(string folder) => Assert.Equal(["gpupools.yaml", "modelservers.yaml", "trainingjobs.yaml"],
        Directory.GetFiles(Path.Combine(RepositoryRoot.Path, folder), "*.yaml").Select(Path.GetFileName).Order(StringComparer.Ordinal));
}
