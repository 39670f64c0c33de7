using System.Text.Json;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Api.Pods;

/// <summary>Of a container's command, the words that say how many nodes a launcher starts, each with the one behind it.</summary>
internal sealed class PodWords : ReadOnlyConverter<IList<string>>
{
    public override IList<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("expected a list of words");
        List<string> words = [];
        var isValue = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                reader.Skip();
                continue;
            }

            var isWanted = RankWords.IsIn(reader.ValueSpan);
            if (reader.ValueSpan.Length > RankWords.Longest)
            {
                // A script is one word of any length.
                if (isWanted)
                    words.Add(RankWords.SeveralNodes);
            }
            else if (isValue || isWanted)
            {
                words.Add(reader.GetString()!);
            }

            isValue = isWanted;
        }

        return words;
    }
}
