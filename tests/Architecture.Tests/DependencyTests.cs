using System.Reflection;
using GpuMem.TestKit;

namespace GpuMem.Architecture.Tests;

/// <summary>Cli → Operator, Webhook, Page, Evaluation → Api → Planning → Catalogues, Serving → Estimation; Api → Kubernetes → Metrics. Arrows point one way only.</summary>
public sealed class DependencyTests
{
    [Theory]
    [InlineData("GpuMem.Estimation")]
    [InlineData("GpuMem.Metrics")]
    [InlineData("GpuMem.Kubernetes", "GpuMem.Metrics")]
    [InlineData("GpuMem.Catalogues", "GpuMem.Estimation")]
    [InlineData("GpuMem.Serving", "GpuMem.Estimation")]
    [InlineData("GpuMem.Planning", "GpuMem.Catalogues", "GpuMem.Estimation", "GpuMem.Serving")]
    [InlineData("GpuMem.Api", "GpuMem.Catalogues", "GpuMem.Estimation", "GpuMem.Kubernetes", "GpuMem.Planning", "GpuMem.Serving")]
    [InlineData("GpuMem.Evaluation", "GpuMem.Api", "GpuMem.Catalogues", "GpuMem.Estimation", "GpuMem.Kubernetes", "GpuMem.Planning", "GpuMem.Serving")]
    [InlineData("GpuMem.Operator", "GpuMem.Api", "GpuMem.Catalogues", "GpuMem.Estimation", "GpuMem.Kubernetes", "GpuMem.Planning", "GpuMem.Serving")]
    [InlineData("GpuMem.Page", "GpuMem.Api", "GpuMem.Catalogues", "GpuMem.Estimation", "GpuMem.Kubernetes", "GpuMem.Planning", "GpuMem.Serving")]
    [InlineData("GpuMem.Webhook", "GpuMem.Api", "GpuMem.Catalogues", "GpuMem.Estimation", "GpuMem.Kubernetes", "GpuMem.Planning", "GpuMem.Serving")]
    public void A_project_knows_only_those_below_it(string project, params string[] below)
    {
        var known = Load(project).GetReferencedAssemblies().Select(assembly => assembly.Name!).Where(name => IsOurs(name));

        Assert.Empty(known.Except(below));
    }

    [Theory]
    [InlineData("GpuMem.Estimation")]
    [InlineData("GpuMem.Serving")]
    [InlineData("GpuMem.Catalogues")]
    [InlineData("GpuMem.Metrics")]
    [InlineData("GpuMem.Planning")]
    public void What_computes_or_only_writes_needs_the_base_library_alone(string project)
    {
        var others = Load(project).GetReferencedAssemblies().Select(assembly => assembly.Name!).Where(name => !IsOurs(name));

        Assert.All(others, name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
        Assert.DoesNotContain("PackageReference", File.ReadAllText(ProjectFile(project)), StringComparison.Ordinal);
        Assert.DoesNotContain("FrameworkReference", File.ReadAllText(ProjectFile(project)), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_project_is_known_here() => Assert.Equal(
        ["Api", "Catalogues", "Cli", "Estimation", "Evaluation", "Kubernetes", "Metrics", "Operator", "Page", "Planning", "Serving", "Webhook"],
        Directory.GetDirectories(Path.Combine(RepositoryRoot.Path, "src")).Select(Path.GetFileName).Where(name => File.Exists(ProjectFile($"GpuMem.{name}"))).Order(StringComparer.Ordinal));

    private static Assembly Load(string project) => Assembly.Load(project);

    private static bool IsOurs(string assembly) => assembly.StartsWith("GpuMem.", StringComparison.Ordinal) || assembly == "gpumem";

    private static string ProjectFile(string project) => Path.Combine(RepositoryRoot.Path, "src", project["GpuMem.".Length..], $"{project}.csproj");
}
