using System.Text.Json;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Api.Pods;

/// <summary>Of a container's environment, the variables that say how many processes train together, and how much of a GPU they may grow to. Others, of megabytes maybe, are not read.</summary>
internal sealed class PodEnvironment : ReadOnlyConverter<IList<V1EnvVar>>
{
    public override IList<V1EnvVar>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("expected a list of variables");
        List<V1EnvVar> variables = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                reader.Skip();
            else if (Variable(ref reader) is { } variable)
                variables.Add(variable);
        }

        return variables;
    }

    /// <summary>Null for one that is not asked for. Its value is null where it comes from elsewhere.</summary>
    private static V1EnvVar? Variable(ref Utf8JsonReader reader)
    {
        var (wanted, value) = ((string?)null, (string?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isValue) = (reader.ValueTextEquals("name"), reader.ValueTextEquals("value"));
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                reader.Skip();
            else if (isName)
                wanted = RankWords.Variable(reader.ValueSpan) ?? (reader.ValueTextEquals(GpuShare.RunAiLimit) ? GpuShare.RunAiLimit : null);
            else if (isValue && reader.ValueSpan.Length is > 0 and <= RankWords.Longest)
                value = reader.GetString();
        }

        return wanted is null ? null : new V1EnvVar { Name = wanted, Value = value };
    }
}
