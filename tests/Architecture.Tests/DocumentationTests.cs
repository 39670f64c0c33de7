using System.Reflection;
using System.Xml.Linq;

namespace GpuMem.Architecture.Tests;

/// <summary>Whoever reads a public type for the first time is told what it is; the compiler checks the names in it.</summary>
public sealed class DocumentationTests
{
    [Theory]
    [InlineData("GpuMem.Estimation")]
    [InlineData("GpuMem.Serving")]
    [InlineData("GpuMem.Catalogues")]
    [InlineData("GpuMem.Planning")]
    [InlineData("GpuMem.Metrics")]
    [InlineData("GpuMem.Kubernetes")]
    [InlineData("GpuMem.Api")]
    [InlineData("GpuMem.Evaluation")]
    [InlineData("GpuMem.Operator")]
    [InlineData("GpuMem.Webhook")]
    [InlineData("GpuMem.Page")]
    public void Every_public_type_has_a_summary_in_a_whole_sentence(string project)
    {
        var assembly = Assembly.Load(project);
        var told = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")?.Value.Trim(), StringComparer.Ordinal);
        var untold = assembly.GetExportedTypes()
            .Where(type => !IsDescribed(type))
            .Select(type => type.FullName!.Replace('+', '.'))
            .Where(name => told.GetValueOrDefault($"T:{name}") is not [.., '.']);

        Assert.Empty(untold);
    }

    /// <summary>What is a part of a custom resource says so in its schema, where its users read it: the type, or each of its fields.</summary>
    private static bool IsDescribed(Type type) => HasDescription(type)
        || (type.Namespace!.StartsWith("GpuMem.Api", StringComparison.Ordinal) && type.GetProperties() is { Length: > 0 } fields && fields.All(HasDescription));

    private static bool HasDescription(MemberInfo member) => member.GetCustomAttributes().Any(attribute => attribute.GetType().Name == "DescriptionAttribute");
}
