using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Json;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Evaluation.Cases;
using GpuMem.Kubernetes;

namespace GpuMem.Evaluation.Manifests;

/// <summary>
/// A case as its author could have written it: a TrainingJob, or an Inference where it serves. Evaluations ask nothing else.
/// </summary>
public static class CaseManifest
{
    private const string ApiVersion = ApiGroup.Name + "/" + ApiGroup.Version;

    /// <exception cref="OverflowException">Its numbers are beyond any job.</exception>
    public static TrainingJob Training(MeasuredCase item) => new()
    {
        ApiVersion = ApiVersion,
        Kind = nameof(TrainingJob),
        Metadata = new V1ObjectMeta { Name = Name(item.Id), Annotations = Annotations(item) },
        Spec = new TrainingJobSpec { Model = CaseModel.Of(item), Training = CaseTraining.Of(item), Parallelism = CaseLayout.Of(item) },
    };

    /// <summary>Null for a case that trains.</summary>
    /// <exception cref="OverflowException">Its numbers are beyond any server.</exception>
    public static InferenceManifest? Serving(MeasuredCase item) => item.Inference is not { } inference ? null : new InferenceManifest
    {
        ApiVersion = ApiVersion,
        Kind = InferenceManifest.KindName,
        Metadata = new V1ObjectMeta { Name = Name(item.Id) },
        Spec = CaseServing.Of(item, inference),
    };

    /// <summary>The file that <c>kubectl apply -f</c> or <c>gpumem estimate -f</c> takes.</summary>
    /// <exception cref="OverflowException">As above.</exception>
    public static string Yaml(MeasuredCase item)
    {
        var manifest = JsonNode.Parse(Serving(item) is { } serving ? ApiJson.Default.Serialize(serving) : ApiJson.Default.Serialize(Training(item)))!.AsObject();
        manifest.Remove("status");
        return YamlWriter.Write(manifest);
    }

    /// <summary>The id as a TrainingJob can be called; a long one is told from others by what is left out.</summary>
    internal static string Name(string id)
    {
        var label = new string([.. id.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        if (label.Length == 0 || !char.IsAsciiLetterLower(label[0]))
            label = "case-" + label;
        if (label == id && label.Length <= TrainingJobName.MaxLength)
            return label;
        var rest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..8];
        return $"{label[..Math.Min(label.Length, TrainingJobName.MaxLength - 9)].TrimEnd('-')}-{rest}";
    }

    private static Dictionary<string, string>? Annotations(MeasuredCase item) =>
        CaseLayout.Stage(item) is { } stage ? new() { [TrainingJobStage.Annotation] = stage.ToString(CultureInfo.InvariantCulture) } : null;
}
